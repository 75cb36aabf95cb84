import type { EspFault, EspRequest } from '../esp/index.js';
import { type Clock, errorText, type LogLevel, type RootLogger, realClock } from '../telemetry/index.js';
import type { Client } from './client-context.js';

/** Faults that are alike are told once in this time, and then how many more there were. */
const INTERVAL_MS = 1000;
/** Kinds of texts that are told apart at one time, of one method and code; the others count as one more kind. */
const KINDS = 10;

interface Line {
  readonly level: LogLevel;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whose stack stands below. Making the text of a stack takes its time: it is made for what is written alone. */
  readonly error?: unknown;
}

/** Those of one kind since the last line about it. */
interface Repeated {
  readonly group: string;
  times: number;
  last: Line;
  timer: unknown;
}

/**
 * The log lines of faults: what the client is told, and what it is not. An upstream that is away makes a fault of every
 * request, and a flood of faults must not become a flood of lines: the first of a kind is written at once, those that
 * follow within a second are counted, and the last of them stands for all with `times`. At level debug each is written.
 */
export class FaultLog {
  readonly #repeated = new Map<string, Repeated>();
  /** How many kinds there are now of each method and code. */
  readonly #kinds = new Map<string, number>();

  constructor(
    private readonly logger: RootLogger,
    private readonly clock: Clock = realClock,
  ) {}

  /** @param method the registered one that was asked; one word for all that nobody registered */
  write(request: EspRequest, fault: EspFault, client: Client, method: string): void {
    const level = levelOf(fault);
    if (!this.logger.enabled(level)) return;
    const fields = { referenceId: request.referenceId, client: client.peer, code: fault.code };
    const error = fault.reason === 'unexpected' ? fault.cause : undefined;
    const line = { level, text: textOf(request, fault), fields, error };
    if (this.logger.enabled('debug')) this.#write(line);
    else this.#limited(`${method} ${fault.code}`, line);
  }

  /** Tells what is only counted so far. */
  close(): void {
    for (const repeated of this.#repeated.values()) {
      this.clock.clearTimeout(repeated.timer);
      this.#tell(repeated);
    }
    this.#repeated.clear();
    this.#kinds.clear();
  }

  #limited(group: string, line: Line): void {
    const kind = this.#kindOf(group, line.text);
    const known = this.#repeated.get(kind);
    if (known !== undefined) {
      known.times++;
      known.last = line;
      return;
    }
    this.#write(line);
    const repeated: Repeated = { group, times: 0, last: line, timer: undefined };
    this.#repeated.set(kind, repeated);
    this.#kinds.set(group, this.#kindsOf(group) + 1);
    this.#arm(kind, repeated);
  }

  /** Texts that differ in numbers alone are of one kind: ReferenceIds, accounts, times. */
  #kindOf(group: string, text: string): string {
    const kind = `${group} ${text.replaceAll(/\d+/g, '#')}`;
    return this.#repeated.has(kind) || this.#kindsOf(group) < KINDS ? kind : group;
  }

  #kindsOf(group: string): number {
    return this.#kinds.get(group) ?? 0;
  }

  #arm(kind: string, repeated: Repeated): void {
    repeated.timer = this.clock.setTimeout(() => {
      if (this.#tell(repeated)) this.#arm(kind, repeated);
      else this.#forget(kind, repeated);
    }, INTERVAL_MS);
  }

  /** Whether there was something to tell. */
  #tell(repeated: Repeated): boolean {
    const { times, last } = repeated;
    if (times === 0) return false;
    repeated.times = 0;
    this.#write(times === 1 ? last : { ...last, fields: { ...last.fields, times } });
    return true;
  }

  #forget(kind: string, { group }: Repeated): void {
    this.#repeated.delete(kind);
    const left = this.#kindsOf(group) - 1;
    if (left === 0) this.#kinds.delete(group);
    else this.#kinds.set(group, left);
  }

  #write({ level, text, fields, error }: Line): void {
    this.logger[level](text, error instanceof Error ? { ...fields, stack: error.stack } : fields);
  }
}

/** What its cause is worth: a mistake in a plugin, something to look into, or a parameter that a strategy got wrong. */
function levelOf({ reason }: EspFault): LogLevel {
  if (reason === 'unexpected') return 'error';
  return reason === 'parameter' ? 'info' : 'warn';
}

function textOf(request: EspRequest, fault: EspFault): string {
  if (fault.reason === 'request') return `${fault.message} ${missing(request)}`;
  return fault.cause === undefined ? fault.message : `${fault.message}: ${errorText(fault.cause)}`;
}

function missing(request: EspRequest): string {
  if (request.list === undefined) return '(no Request list)';
  const names = [request.service === '' ? 'Service' : '', request.method === '' ? 'Method' : ''];
  return `(missing, empty or not a string: ${names.filter((name) => name !== '').join(' and ')})`;
}
