/** At most `perSecond` calls in any one second; without a number, any. */
export class RateLimit {
  #taken: number[] = [];

  constructor(
    private readonly perSecond: number | undefined,
    private readonly now: () => number,
  ) {}

  /** False if this call is one too many; such a call doesn't count. */
  take(): boolean {
    if (this.perSecond === undefined) return true;
    const now = this.now();
    this.#taken = this.#taken.filter((at) => now - at < 1000);
    if (this.#taken.length >= this.perSecond) return false;
    this.#taken.push(now);
    return true;
  }
}
