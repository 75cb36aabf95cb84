import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, type Meta } from './api-error.js';
import type { RecordedCall } from './call-log.js';
import type { Connections } from './connections.js';
import type { ForcedResponse } from './forced-response.js';

/** What carrying out a forced response needs of the server. */
export interface Surroundings {
  readonly connections: Connections;
  /** Aborted when the server closes: delays end then. */
  readonly closing: AbortSignal;
  meta(): Meta;
  /** Has the answer that the client is about to give lost. */
  loseAnswer(): void;
}

/** Carries out `forced`; false if the client is to answer after all, now that the delay is over. */
export async function carryOut(
  forced: ForcedResponse,
  request: FastifyRequest,
  reply: FastifyReply,
  call: RecordedCall | undefined,
  { connections, closing, meta, loseAnswer }: Surroundings,
): Promise<boolean> {
  if (forced === 'loseAnswer') {
    if (call) call.status = 'reset';
    loseAnswer();
    return false;
  }
  if (forced === 'reset' || forced === 'hang') {
    if (call) call.status = forced;
    reply.hijack();
    if (forced === 'reset') connections.reset(request.raw.socket);
    return true;
  }
  if (forced.delayMs !== undefined) await delay(forced.delayMs, undefined, { signal: closing });
  if (!('status' in forced)) return false;
  const body = forced.body ?? defaultBody(forced.status, meta());
  const isText = typeof body === 'string';
  reply.code(forced.status).type(isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8');
  reply.headers(forced.headers ?? {}).send(isText ? body : JSON.stringify(body));
  return true;
}

function defaultBody(status: number, meta: Meta): unknown {
  return status < 400 ? { meta } : ApiError.ofStatus(status, 'answered so on demand').body(meta);
}
