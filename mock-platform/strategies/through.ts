import {
  ConnectError,
  ConnectionLostError,
  EspClient,
  type EspReply,
  messageToJson,
  NotConnectedError,
  RequestTimeoutError,
} from 'esp-host/client';
import { type RunOptions, runStrategy } from './interpreter.js';
import type { ServiceRequest, Strategy } from './model.js';
import type { Run, StepOutcome } from './run.js';
import { type DataValues, valuesOf } from './values.js';

const LOST = [ConnectionLostError, ConnectError, NotConnectedError];

/**
 * Runs a strategy against an Interaction Server, or any ESP server.
 * @throws ConnectError if the first connection fails, UnknownDataError
 */
export async function runThrough(
  address: { readonly host: string; readonly port: number },
  strategy: Strategy,
  set: DataValues = {},
  options: RunOptions = {},
): Promise<Run> {
  const client = new EspClient({ host: address.host, port: address.port });
  await client.connect();
  try {
    return await runStrategy(strategy, set, (request) => ask(client, request), options);
  } finally {
    await client.close();
  }
}

async function ask(client: EspClient, request: ServiceRequest): Promise<StepOutcome> {
  const { timeoutMs, appName, appType, userData, ...rest } = request;
  const call = {
    ...rest,
    ...(appName === undefined ? {} : { appName }),
    ...(appType === undefined ? {} : { appType }),
    ...(userData === undefined ? {} : { userData }),
  };
  try {
    await client.connect();
    return outcomeOf(await client.request(call, { timeoutMs }));
  } catch (error) {
    if (error instanceof RequestTimeoutError) return { kind: 'timeout' };
    if (LOST.some((kind) => error instanceof kind)) return { kind: 'lost', why: (error as Error).message };
    throw error;
  }
}

function outcomeOf(reply: EspReply): StepOutcome {
  const message = messageToJson(reply.message);
  if (reply.fault !== undefined) return { kind: 'fault', ...reply.fault, message };
  return { kind: 'response', parameters: valuesOf(reply.parameters), message };
}
