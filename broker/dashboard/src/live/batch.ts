/**
 * Gathers keys and hands them on together: the first at once, those that follow within the pause when it
 * is over. However many events come in a second, what they are about is asked for once.
 */
export class Batch<K> {
  private waiting = new Map<string, K>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly pauseMillis: number,
    private readonly handOn: (keys: K[]) => void,
  ) {}

  add(keys: ReadonlyMap<string, K>): void {
    for (const [name, key] of keys) this.waiting.set(name, key);
    if (this.timer === undefined) this.flush();
  }

  /** Forgets what waits. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting.clear();
  }

  private flush(): void {
    this.timer = undefined;
    if (this.waiting.size === 0) return;
    const keys = [...this.waiting.values()];
    this.waiting.clear();
    this.timer = setTimeout(() => this.flush(), this.pauseMillis);
    this.handOn(keys);
  }
}
