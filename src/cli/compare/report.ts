import { CommandFailed } from '../command-failed.js';
import type { Asked } from './asked.js';
import type { Difference } from './differences.js';
import { differenceJson, differenceText, type MethodCounts, summaryJson, summaryText } from './texts.js';

export interface ReportOptions {
  /** `Service.Method` of what is to be sent; undefined: all. */
  readonly methods: readonly string[] | undefined;
  readonly json: boolean;
  /** Of the lines that send a request again. */
  readonly send: readonly string[];
}

/** How often the line that shows the progress is written anew, in ms. */
const PROGRESS_MS = 100;

/** Prints what differs as it comes, and counts. */
export class Report {
  readonly #methods = new Map<string, MethodCounts>();
  readonly #total = { asked: 0, different: 0, masked: 0, unanswered: 0, unanswerable: 0, broken: 0 };
  #shownAt = 0;

  constructor(private readonly options: ReportOptions) {}

  /** Of these requests, those that are to be sent. */
  async *chosen(requests: AsyncIterable<Asked>): AsyncGenerator<Asked> {
    const { methods } = this.options;
    for await (const request of requests) {
      if (methods !== undefined && !methods.includes(nameOf(request))) continue;
      if (request.hasReferenceId) yield request;
      else this.#total.unanswerable++;
    }
  }

  /** There was a message whose lists broke the format. */
  leaveOut(): void {
    this.#total.broken++;
  }

  /** @param answered whether one server did at least */
  add(request: Asked, found: readonly Difference[], answered: boolean): void {
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

  /** Says what was asked, also where that was not all. */
  end(): void {
    const { json } = this.options;
    const { masked, unanswered, unanswerable, broken } = this.#total;
    const methods = [...this.#methods.values()];
    this.#print(methods.length === 0 ? '' : json ? summaryJson(methods) : summaryText(methods));
    if (masked > 0) say(`${masked} of them had secrets, which recordings mask: they were sent as asterisks`);
    if (unanswered > 0) say(`${unanswered} of them were answered by neither server, which counts as the same`);
    if (unanswerable > 0)
      say(`${unanswerable} more have no ReferenceId, so that nobody answers them: they were not sent`);
    if (broken > 0) say(`${broken} messages of the recording broke the format: they were left out`);
  }

  /** 0 or 2. @throws CommandFailed where nothing was compared, or nothing of a method that was to be */
  exitCode(): number {
    const missing = this.options.methods?.find((name) => !this.#methods.has(name));
    const of = missing === undefined ? '' : ` of ${missing}`;
    if (missing !== undefined || this.#total.asked === 0) {
      throw new CommandFailed(`the recording has no request${of} that could be sent`);
    }
    return this.#total.different > 0 ? 2 : 0;
  }

  #printDifferences(request: Asked, found: readonly Difference[]): void {
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
    process.stderr.write(`\r${asked} asked, ${different} different\x1b[K`);
  }
}

const nameOf = ({ service, method }: Asked): string => `${service}.${method}`;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
