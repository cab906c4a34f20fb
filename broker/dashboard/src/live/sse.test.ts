import { expect, test } from 'vitest';
import { SseParser } from './sse';

const TEXT = ': hello\n\nid: 7\nevent: grant_active\ndata: {"a":1}\n\nid: 8\ndata: x\ndata:y\n\n';
const WANTED = [
  { id: '7', data: '{"a":1}' },
  { id: '8', data: 'x\ny' },
];

test('reads the same events wherever the text is cut', () => {
  for (let cut = 0; cut <= TEXT.length; cut++) {
    const parser = new SseParser();
    expect([...parser.feed(TEXT.slice(0, cut)), ...parser.feed(TEXT.slice(cut))]).toEqual(WANTED);
  }
});

test('takes the line ends of other systems', () => {
  expect(new SseParser().feed(TEXT.replaceAll('\n', '\r\n'))).toEqual(WANTED);
});

test('tells nothing of an event that has not ended', () => {
  expect(new SseParser().feed('id: 9\ndata: half\n')).toEqual([]);
});
