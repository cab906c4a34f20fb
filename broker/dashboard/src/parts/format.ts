const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const WHOLE = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const EXACT = new Intl.NumberFormat('en-GB');

/**
 * Bytes for reading: GiB, so that columns compare at a glance, and larger units where GiB have too
 * many digits. What is less than 0.01 GiB says so in its own unit.
 */
export function gib(bytes: number): string {
  if (bytes === 0) return '0 GiB';
  const value = bytes / 2 ** 30;
  if (Math.abs(value) >= 0.01 && Math.abs(value) < 10_240) return `${decimal(value)} GiB`;
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.abs(bytes)) / 10));
  return `${decimal(bytes / 2 ** (10 * unit))} ${UNITS[unit] ?? 'B'}`;
}

// Made once: to make one takes longer than to draw the row of a table that it is for.
const DIGITS = [0, 1, 2].map((most) => new Intl.NumberFormat('en-GB', { maximumFractionDigits: most }));

/** A number with as many digits as one reads. */
export function decimal(value: number): string {
  const size = Math.abs(value);
  return DIGITS[size >= 100 ? 0 : size >= 10 ? 1 : 2]!.format(value);
}

/** Bytes to the last one. */
export function exactBytes(bytes: number): string {
  return `${EXACT.format(bytes)} bytes`;
}

export function count(value: number): string {
  return WHOLE.format(value);
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', {
  day: '2-digit',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** A time of today by its clock, another with its day; both where the reader is. */
export function localTime(at: Date, now: Date): string {
  return at.toDateString() === now.toDateString() ? CLOCK.format(at) : DAY.format(at);
}

const MINUTE = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DATE = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });

/** A time under a series, as fine as its span needs; midnight and what spans days is said by the day. */
export function axisTime(at: Date, span: 'live' | '1h' | '24h' | '7d'): string {
  if (span === 'live') return CLOCK.format(at);
  return span === '7d' || (at.getHours() === 0 && at.getMinutes() === 0) ? DATE.format(at) : MINUTE.format(at);
}

export function utcTime(at: Date): string {
  return `${at.toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

/**
 * A name as its characters: what would be invisible, or would turn the text around it, is shown as a
 * picture of itself (Unicode control pictures, else its code point in brackets).
 */
export function visible(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (c) => {
    const code = c.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
}

/** Reads a size such as `2 GiB`, `512MiB` or `1.5`, which is in GiB; null where it is none. */
export function parseBytes(text: string): number | null {
  const match = /^\s*(\d{1,7}(?:\.\d{1,6})?)\s*(b|kib|mib|gib|tib)?\s*$/i.exec(text);
  if (match === null) return null;
  const unit = UNITS.findIndex((u) => u.toLowerCase() === (match[2] ?? 'gib').toLowerCase());
  const bytes = Number(match[1]) * 2 ** (10 * unit);
  return Number.isInteger(bytes) && Number.isSafeInteger(bytes) ? bytes : null;
}

/** The first part of an id, enough to tell it from its neighbours. */
export function shortId(id: string): string {
  return id.slice(0, 8) + '…' + id.slice(-4);
}

/** What somebody types to confirm: the name of a thing, or where that cannot well be typed, how its id begins. */
export function typable(name: string, id: string): string {
  return /^[\x21-\x7e](?:[\x20-\x7e]{0,38}[\x21-\x7e])?$/.test(name) ? name : id.slice(0, 8);
}

/** Nanoseconds for reading, in microseconds: what a way over a network takes. */
export function micros(nanos: number): string {
  return `${decimal(nanos / 1_000)} µs`;
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${decimal((100 * part) / whole)} %`;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z/g;

/** A sentence of the broker for reading: names in place of ids that have one, GiB in place of bytes, times where the reader is. */
export function readable(sentence: string, nameOf: (id: string) => string | undefined): string {
  return visible(sentence)
    .replace(UUID, (id) => visible(nameOf(id) ?? shortId(id)))
    .replace(INSTANT, (instant) => localTime(new Date(instant), new Date()))
    .replace(/\b(\d{5,16}) bytes\b/g, (_all, digitsOf: string) => gib(Number(digitsOf)));
}
