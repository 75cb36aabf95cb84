import type { ServerResponse } from 'node:http';
import {
  type EspFault,
  type EspMessage,
  type EspRequest,
  type FaultReason,
  type KeyValueEntry,
  type KeyValueList,
  listToJson,
  type PlainValue,
  type PlainValues,
  parametersOf,
} from '../../esp/index.js';
import type { Dispatcher, Reply } from '../../host/index.js';
import type { Connections } from './connections.js';

export const JSON_TYPE = 'application/json';
/** The type of a response whose lists are `[key, type, value]` entries. */
export const TYPED_TYPE = 'application/vnd.esp-host.typed+json';

/** An HTTP reply. */
export interface HttpReply {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

/** An HTTP request that calls a method. */
export interface Call {
  readonly request: EspRequest;
  /** Approximate size in memory. */
  readonly bytes: number;
  readonly response: ServerResponse;
  /** Whether the client wants the typed form. */
  readonly typed: boolean;
  /** Maximum size of the response. */
  readonly maxBytes: number;
}

/** Passes HTTP calls to a dispatcher. Each connection is a client of the host. */
export class Calls {
  constructor(
    private readonly connections: Connections,
    /** The ReferenceId of the last call. */
    private lastId = 0,
  ) {}

  /** HTTP has no ReferenceId: each call gets one, by which its log lines are found. */
  nextReferenceId(): number {
    this.lastId = this.lastId === 0x7fffffff ? 1 : this.lastId + 1;
    return this.lastId;
  }

  /** Calls the method, and passes on the reply unless the client disconnects first. */
  call(dispatcher: Dispatcher, call: Call, send: (reply: HttpReply) => void): void {
    const { request, bytes, response, typed, maxBytes } = call;
    const connection = this.connections.of(response.req.socket);
    const reply: Reply = (message, fault) => {
      if (fault === undefined) message.checkSize(maxBytes);
      send(fault === undefined ? responseReply(message, typed) : faultReply(fault));
    };
    if (!connection.fits(bytes)) {
      dispatcher.overloaded(request, connection, reply);
      return;
    }
    const exchange = dispatcher.dispatch(request, connection, reply);
    if (exchange === undefined) return;
    connection.add(response.req, bytes, {
      abandon: () => dispatcher.abandon(exchange),
      turnAway: () => exchange.stop(),
    });
  }
}

/** The response as plain objects if they lose nothing, unless the client wants the typed form. */
function responseReply({ request, userData }: EspMessage, typed: boolean): HttpReply {
  const parameters = parametersOf(request);
  if (!typed) {
    const body = { parameters: plainOf(parameters), userData: userData && plainOf(userData) };
    const complete = body.parameters !== undefined && (userData === undefined || body.userData !== undefined);
    if (complete) return { status: 200, type: JSON_TYPE, body };
  }
  const body = { parameters: listToJson(parameters), userData: userData && listToJson(userData) };
  return { status: 200, type: TYPED_TYPE, body };
}

const faultReply = (fault: EspFault): HttpReply => ({
  status: statusOf(fault),
  type: JSON_TYPE,
  body: { faultCode: fault.code, faultString: fault.message },
});

const STATUS_OF_REASON = new Map<FaultReason | undefined, number>([
  ['deadline', 504],
  ['overloaded', 503],
  ['stopping', 503],
]);

/** By the codes of the host. They mean the same if a plugin throws them. */
const STATUS_OF_CODE = new Map([
  ['701', 400],
  ['900', 500],
  ['901', 502],
  ['902', 404],
  ['904', 400],
  ['920', 502],
]);

/** The status of a fault with a code of a plugin's own. */
export const PLUGIN_FAULT = 422;

const statusOf = ({ code, reason }: EspFault): number =>
  STATUS_OF_REASON.get(reason) ?? STATUS_OF_CODE.get(code) ?? PLUGIN_FAULT;

/** The list as a plain object; undefined if the object would be read as another list. */
function plainOf(list: KeyValueList): PlainValues | undefined {
  const plain: Record<string, PlainValue | PlainValue[]> = Object.create(null);
  for (const entry of list.entries) {
    const value = plainValue(entry);
    if (value === undefined) return undefined;
    const before = plain[entry.key];
    if (before === undefined) plain[entry.key] = value;
    else if (Array.isArray(before)) before.push(value);
    else plain[entry.key] = [before, value];
  }
  return isInOrder(plain, list) ? plain : undefined;
}

function plainValue(entry: KeyValueEntry): PlainValue | undefined {
  if (entry.keyBytes !== undefined) return undefined;
  if (entry.type === 'str' || entry.type === 'int') return entry.value;
  return entry.type === 'list' ? plainOf(entry.value) : undefined;
}

/** A list may repeat a key anywhere, and an object puts keys such as `7` first. */
function isInOrder(plain: Record<string, unknown>, list: KeyValueList): boolean {
  let index = 0;
  for (const key in plain) {
    const value = plain[key];
    for (let left = Array.isArray(value) ? value.length : 1; left > 0; left--) {
      if (list.entries[index++]?.key !== key) return false;
    }
  }
  return true;
}
