import { expect, test } from 'vitest';
import { gib, localTime, parseBytes, readable, typable, utcTime, visible } from './format';

test('says sizes in GiB and only what is tiny or huge in other units', () => {
  expect([0, 2 ** 26, 2 ** 30, 1.5 * 2 ** 30, 2 ** 40, 20 * 2 ** 40, 4096].map(gib)).toEqual([
    '0 GiB',
    '0.06 GiB',
    '1 GiB',
    '1.5 GiB',
    '1,024 GiB',
    '20 TiB',
    '4 KiB',
  ]);
});

test('shows what hides or turns text around', () => {
  expect(visible('a\u0000b')).toBe('a\u2400b');
  expect(visible('x\u202ecod.exe')).toBe('x[U+202E]cod.exe');
  expect(visible('<b>plain</b> ñ 名')).toBe('<b>plain</b> ñ 名');
});

test('reads sizes and refuses what is none', () => {
  expect(['1.5', '2 GiB', '512MiB', '1 tib'].map(parseBytes)).toEqual([1.5 * 2 ** 30, 2 ** 31, 2 ** 29, 2 ** 40]);
  expect(['', '-1', '1e9', 'much', '0.3 B', '9999999 PiB'].map(parseBytes)).toEqual(Array(6).fill(null));
});

test('names the day only of another day', () => {
  const noon = new Date(2026, 4, 6, 12, 0, 0);
  expect(localTime(noon, noon)).toBe('12:00:00');
  expect(localTime(noon, new Date(2026, 4, 7))).toContain('May');
  expect(utcTime(new Date(0))).toBe('1970-01-01 00:00:00.000 UTC');
});

test('puts names and GiB into a sentence, and leaves the rest', () => {
  const id = '01a2287b-b2cb-7b3c-859c-8c0fca39b678';
  const text = `Grant ${id} went from RESERVED; it has 536870912 bytes for VM ${id}, 2 of 12 bytes.`;
  expect(readable(text, () => undefined)).toBe(
    'Grant 01a2287b…b678 went from RESERVED; it has 0.5 GiB for VM 01a2287b…b678, 2 of 12 bytes.',
  );
  const at = new Date('2026-01-31T03:40:39.554Z');
  expect(readable('until 2026-01-31T03:40:39.554516954Z.', () => undefined)).toBe(`until ${localTime(at, new Date())}.`);
  expect(readable(`VM ${id}`, () => 'a\u202eb')).toBe('VM a[U+202E]b');
});

test('has nobody type a name that is no fun to type', () => {
  const id = '01a228c8-603e-73a2-979c-e79a747bfdd5';
  expect(typable('hv-01', id)).toBe('hv-01');
  for (const name of ['a'.repeat(41), 'report\u202efdp.exe', ' hv', '']) expect(typable(name, id)).toBe('01a228c8');
});
