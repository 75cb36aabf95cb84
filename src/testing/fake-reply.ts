import { nearest } from '../config/index.js';

/** What an upstream answers to one kind of call. */
export interface FakeReply {
  /** GET, unless given. */
  readonly method?: string;
  /** The whole URL; `*` stands for any text. Or a pattern that it must match. */
  readonly url: string | RegExp;
  /** 200, unless given. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, as JSON with its content type. */
  readonly json?: unknown;
  /** The body as it is. */
  readonly body?: string | Uint8Array;
  /**
   * The code of the error that the connection fails with: `ECONNRESET` and `EPIPE` break it when the request was written,
   * any other, such as `ECONNREFUSED`, before.
   */
  readonly error?: string;
  /** No answer ever comes. */
  readonly hangs?: true;
}

/** A call of an upstream for which no reply is declared: the test fails with it, whatever the method made of it. */
export class UnexpectedCall extends Error {
  override readonly name = 'UnexpectedCall';
  constructor(
    message: string,
    /** Of the call. */
    readonly method: string,
    readonly url: string,
  ) {
    super(message);
  }
}

/**
 * Declared replies, found by method and URL. Several replies for the same method and URL are given in their order, and
 * the last of them from then on.
 */
export class FakeReplies {
  readonly #declared = new Map<string, FakeReply[]>();

  constructor(replies: readonly FakeReply[]) {
    for (const reply of replies) {
      const name = nameOf(reply);
      this.#declared.set(name, [...(this.#declared.get(name) ?? []), reply]);
    }
  }

  /** @throws UnexpectedCall that names the nearest of those that are declared */
  take(method: string, url: string): FakeReply {
    for (const replies of this.#declared.values()) {
      const [reply, ...later] = replies;
      if (reply === undefined || !matches(reply, method, url)) continue;
      if (later.length > 0) replies.shift();
      return reply;
    }
    throw new UnexpectedCall(this.#unexpected(`${method} ${url}`), method, url);
  }

  #unexpected(call: string): string {
    const declared = [...this.#declared.keys()];
    if (declared.length === 0)
      return `${call} is called, and no reply is declared: http: fakeHttp([{ method, url, ... }])`;
    const meant = nearest(call, declared);
    const hint = meant === undefined ? `declared are ${declared.join(', ')}` : `the nearest is ${meant}`;
    return `${call} is called, and no reply is declared for it; ${hint}`;
  }
}

const nameOf = ({ method = 'GET', url }: FakeReply): string => `${method.toUpperCase()} ${url}`;

function matches({ method = 'GET', url }: FakeReply, askedMethod: string, askedUrl: string): boolean {
  if (method.toUpperCase() !== askedMethod) return false;
  if (url instanceof RegExp) return askedUrl.search(url) >= 0;
  const parts = url.split('*').map((part) => part.replaceAll(/[\\^$.+?()[\]{}|/]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(askedUrl);
}
