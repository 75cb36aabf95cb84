import type { EspFault, EspRequest } from '../esp/index.js';
import { errorText, type RootLogger } from '../telemetry/index.js';
import type { Client } from './client-context.js';

/** The log lines of faults: what the client is told, and what it is not. */
export class FaultLog {
  #turnedAway = 0;
  #turnedAwayLogged = Number.NEGATIVE_INFINITY;

  constructor(private readonly logger: RootLogger) {}

  /** Each at the level that its cause is worth; what was only turned away, at most once a second. */
  write(request: EspRequest, fault: EspFault, client: Client): void {
    const { logger } = this;
    const fields = { referenceId: request.referenceId, client: client.peer, code: fault.code };
    const why = fault.cause === undefined ? '' : `: ${errorText(fault.cause)}`;
    switch (fault.reason) {
      case 'unexpected':
        logger.error(`${fault.message}${why}`, { ...fields, stack: (fault.cause as Error | undefined)?.stack });
        return;
      case 'request':
        logger.warn(`${fault.message} ${missing(request)}`, fields);
        return;
      case 'overloaded':
      case 'stopping':
        this.#logTurnedAway(fault, fields);
        return;
      case 'parameter':
        logger.info(`${fault.message}${why}`, fields);
        return;
      default:
        logger.warn(`${fault.message}${why}`, fields);
    }
  }

  /** A flood must not become a flood of lines: at most one a second at level warn. */
  #logTurnedAway(fault: EspFault, fields: Record<string, unknown>): void {
    const now = performance.now();
    this.#turnedAway++;
    if (now - this.#turnedAwayLogged < 1000) return;
    this.logger.warn(fault.message, { ...fields, turnedAway: this.#turnedAway });
    this.#turnedAwayLogged = now;
  }
}

function missing(request: EspRequest): string {
  if (request.list === undefined) return '(no Request list)';
  const names = [request.service === '' ? 'Service' : '', request.method === '' ? 'Method' : ''];
  return `(missing, empty or not a string: ${names.filter((name) => name !== '').join(' and ')})`;
}
