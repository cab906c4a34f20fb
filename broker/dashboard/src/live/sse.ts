/** One event of a stream: its number and its data. */
export interface Message {
  id: string;
  data: string;
}

/**
 * Reads server-sent events from text that arrives in pieces (WHATWG HTML, "Server-sent events").
 * Names of events are left to the data. A line may be cut anywhere.
 */
export class SseParser {
  private rest = '';
  private id = '';
  private data: string[] = [];

  feed(text: string): Message[] {
    const found: Message[] = [];
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (this.data.length > 0) found.push({ id: this.id, data: this.data.join('\n') });
        this.data = [];
        continue;
      }
      const colon = line.indexOf(':');
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') this.data.push(value);
      else if (field === 'id' && !value.includes('\0')) this.id = value;
    }
    return found;
  }
}
