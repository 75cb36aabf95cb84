import { CommandError } from '../errors.js';
import type { RecordedRequest } from '../mock.js';
import type { Difference } from './differences.js';
import { differenceJson, differenceText, type MethodCounts, summaryJson, summaryText } from './texts.js';

export interface ReportOptions {
  /** The methods to send, as `Service.Method`; undefined: all. */
  readonly methods: readonly string[] | undefined;
  readonly json: boolean;
  /** The options of the printed `esp-host send` commands. */
  readonly send: readonly string[];
}

/** Interval of the progress line. */
const PROGRESS_MS = 100;

/** Prints the differences as they come, and counts. */
export class Report {
  readonly #methods = new Map<string, MethodCounts>();
  readonly #total = { asked: 0, different: 0, masked: 0, unanswered: 0, unanswerable: 0, broken: 0 };
  #shownAt = 0;

  constructor(private readonly options: ReportOptions) {}

  /** The requests to send. */
  async *chosen(requests: AsyncIterable<RecordedRequest>): AsyncGenerator<RecordedRequest> {
    const { methods } = this.options;
    for await (const request of requests) {
      if (methods !== undefined && !methods.includes(nameOf(request))) continue;
      if (request.hasReferenceId) yield request;
      else this.#total.unanswerable++;
    }
  }

  /** Counts a malformed message. */
  skip(): void {
    this.#total.broken++;
  }

  /** @param answered whether at least one server replied */
  add(request: RecordedRequest, found: readonly Difference[], answered: boolean): void {
    const { service, method } = request;
    const counts = this.#methods.get(nameOf(request)) ?? { service, method, asked: 0, different: 0 };
    this.#methods.set(nameOf(request), counts);
    for (const one of [counts, this.#total]) {
      one.asked++;
      if (found.length > 0) one.different++;
    }
    if (request.masked) this.#total.masked++;
    if (!answered) this.#total.unanswered++;
    if (found.length > 0) this.#printDifferences(request, found);
    this.#showProgress();
  }

  /** Prints the summary, even if not all requests were sent. */
  end(): void {
    const { json } = this.options;
    const { masked, unanswered, unanswerable, broken } = this.#total;
    const methods = [...this.#methods.values()];
    this.#print(methods.length === 0 ? '' : json ? summaryJson(methods) : summaryText(methods));
    if (masked > 0) say(`sent with masked secrets (asterisks): ${masked}`);
    if (unanswered > 0) say(`without a reply from either server (the same): ${unanswered}`);
    if (unanswerable > 0) say(`not sent, because they have no ReferenceId: ${unanswerable}`);
    if (broken > 0) say(`malformed messages, skipped: ${broken}`);
  }

  /** 0 or 2. @throws CommandError if nothing was compared, or nothing of one of the methods */
  exitCode(): number {
    const missing = this.options.methods?.find((name) => !this.#methods.has(name));
    const of = missing === undefined ? '' : ` of ${missing}`;
    if (missing !== undefined || this.#total.asked === 0) {
      throw new CommandError(`the recording has no request${of} to send`);
    }
    return this.#total.different > 0 ? 2 : 0;
  }

  #printDifferences(request: RecordedRequest, found: readonly Difference[]): void {
    const send = request.sendLine(this.options.send);
    const text = this.options.json ? differenceJson : differenceText;
    this.#print(text(request, send, found));
  }

  #print(text: string): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    process.stdout.write(text);
  }

  #showProgress(): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.#shownAt < PROGRESS_MS) return;
    this.#shownAt = now;
    const { asked, different } = this.#total;
    process.stderr.write(`\r${asked} requests, ${different} different\x1b[K`);
  }
}

const nameOf = ({ service, method }: RecordedRequest): string => `${service}.${method}`;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
