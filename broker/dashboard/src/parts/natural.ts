/** Names in the order in which people count: `host-9` before `host-10`. */
export function byName(a: string, b: string): number {
  const left = keyOf(a);
  const right = keyOf(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

const MOST_KEYS = 100_000;
const keys = new Map<string, string>();

/**
 * A name as something to compare by its letters: its numbers filled up to one length. Kept, because
 * 10,000 names are compared 130,000 times whenever they are put in order.
 */
function keyOf(name: string): string {
  let key = keys.get(name);
  if (key === undefined) {
    if (keys.size >= MOST_KEYS) keys.clear();
    key = name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(20, '0'));
    keys.set(name, key);
  }
  return key;
}
