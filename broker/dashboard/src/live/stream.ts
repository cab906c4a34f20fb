import type { Event } from '../api/client';
import { SseParser } from './sse';

/** How well the pages follow the broker. */
export type Following = 'connecting' | 'live' | 'stale';

const RECENT = 1_000;
/** The broker says something every 15 s; twice that without a word is a dead connection. */
const SILENCE_MILLIS = 35_000;
const RETRY_MILLIS = 2_000;

/**
 * The broker's events as they happen. A broken connection is taken up again after the last event that
 * was seen, so nothing is missed and nothing comes twice. Keeps the newest 1,000.
 *
 * Read with fetch and not with EventSource, which hears only names of events that it was told before
 * and says nothing of the broker's sign of life.
 */
export class EventStream {
  private stopped: AbortController | null = null;
  private readonly listeners = new Set<(events: Event[]) => void>();
  private readonly watchers = new Set<() => void>();
  private lastId = 0;
  private state: Following = 'connecting';
  private events: readonly Event[] = [];
  private heardAt = 0;

  /** Follows what comes after the given events, which are the newest that there are. */
  start(known: Event[]): void {
    this.stop();
    this.take(known);
    const stopped = new AbortController();
    this.stopped = stopped;
    void this.follow(stopped.signal);
  }

  /** Ends, and forgets everything, as when somebody signs out. */
  stop(): void {
    this.stopped?.abort();
    this.stopped = null;
    this.lastId = 0;
    this.events = [];
    this.become('connecting');
  }

  recent = (): readonly Event[] => this.events;
  following = (): Following => this.state;
  /** When the broker was last heard, in milliseconds since 1970. */
  lastHeard = (): number => this.heardAt;

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  onEvents(listener: (events: Event[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private async follow(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      try {
        await this.readUntilBroken(stopped);
      } catch {
        // Whatever broke it, the way back is the same.
      }
      if (stopped.aborted) return;
      this.become('stale');
      await new Promise((wake) => setTimeout(wake, RETRY_MILLIS));
    }
  }

  private async readUntilBroken(stopped: AbortSignal): Promise<void> {
    const connection = new AbortController();
    const end = () => connection.abort();
    stopped.addEventListener('abort', end);
    let silence = setTimeout(end, SILENCE_MILLIS);
    try {
      const response = await fetch('/api/v1/events', {
        headers: { Accept: 'text/event-stream', 'Last-Event-ID': String(this.lastId) },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: connection.signal,
      });
      if (!response.ok || response.body === null) return;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new SseParser();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(end, SILENCE_MILLIS);
        this.heardAt = Date.now();
        this.become('live');
        this.take(parser.feed(value).map((message) => JSON.parse(message.data) as Event));
      }
    } finally {
      clearTimeout(silence);
      stopped.removeEventListener('abort', end);
    }
  }

  private take(burst: Event[]): void {
    const fresh = burst.filter((event) => event.id > this.lastId);
    if (fresh.length === 0) return;
    this.lastId = fresh[fresh.length - 1]!.id;
    this.events = [...this.events, ...fresh].slice(-RECENT);
    for (const listener of this.listeners) listener(fresh);
    this.tell();
  }

  private become(state: Following): void {
    if (this.state === state) return;
    this.state = state;
    this.tell();
  }

  private tell(): void {
    for (const watcher of this.watchers) watcher();
  }
}
