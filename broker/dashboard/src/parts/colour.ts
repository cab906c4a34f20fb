/** The colour at `share` of the way between two of `#rrggbb`. */
export function mix(from: string, to: string, share: number): string {
  const part = Math.min(1, Math.max(0, share));
  const channel = (text: string, at: number) => Number.parseInt(text.slice(1 + 2 * at, 3 + 2 * at), 16);
  return `rgb(${[0, 1, 2].map((at) => Math.round(channel(from, at) * (1 - part) + channel(to, at) * part)).join(' ')})`;
}
