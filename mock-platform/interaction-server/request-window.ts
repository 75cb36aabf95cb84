import type { Clock } from 'esp-host';

/** The bounds of the requests to one application. */
export interface WindowBounds {
  /** How many requests may wait for a reply. */
  readonly windowSize: number;
  /** How many more may wait to be sent. */
  readonly queueSize: number;
  /** How long a reply may take once the request was sent, in ms. */
  readonly timeoutMs: number;
}

/** A request that waits for a place in the window. */
export interface WindowRequest {
  send(): void;
  /** The reply did not arrive in time. The request has left the window. */
  timedOut(): void;
}

/** Sends requests to one application in order of arrival: some wait for a reply, others in a queue. */
export class RequestWindow {
  readonly #queue = new Set<WindowRequest>();
  /** The timers of the requests that were sent. */
  readonly #sent = new Map<WindowRequest, unknown>();
  #sending = false;

  constructor(
    private readonly bounds: WindowBounds,
    private readonly clock: Clock,
  ) {}

  /** Sends the request at once or later. Returns false if the window and the queue are full. */
  enter(request: WindowRequest): boolean {
    const { windowSize, queueSize } = this.bounds;
    if (this.#sent.size >= windowSize && this.#queue.size >= queueSize) return false;
    this.#queue.add(request);
    this.#sendQueued();
    return true;
  }

  /** Removes a request, which makes a place for the next. */
  leave(request: WindowRequest): void {
    this.#queue.delete(request);
    this.clock.clearTimeout(this.#sent.get(request));
    this.#sent.delete(request);
    this.#sendQueued();
  }

  /** A request may leave while it is sent: then the loop goes on, rather than a nested one. */
  #sendQueued(): void {
    if (this.#sending) return;
    this.#sending = true;
    for (const request of this.#queue) {
      if (this.#sent.size >= this.bounds.windowSize) break;
      this.#queue.delete(request);
      this.#sent.set(
        request,
        this.clock.setTimeout(() => this.#expire(request), this.bounds.timeoutMs),
      );
      request.send();
    }
    this.#sending = false;
  }

  #expire(request: WindowRequest): void {
    this.leave(request);
    request.timedOut();
  }
}
