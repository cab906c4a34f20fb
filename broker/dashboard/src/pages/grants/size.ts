const MOST = 2 ** 40;

/** What is wrong with the size of a grant; the broker has the last word. */
export function wrongSize(bytes: number | null): string | null {
  if (bytes === null) return 'A number with GiB or MiB, such as 2 GiB.';
  if (bytes < 1) return 'More than nothing.';
  return bytes > MOST ? 'At most 1,024 GiB.' : null;
}
