import {
  type EspFault,
  type EspMessage,
  type FaultReason,
  type KeyValueEntry,
  KeyValueList,
  listToJson,
  type PlainValue,
  type PlainValues,
} from '../../esp/index.js';

export const JSON_TYPE = 'application/json';
/** Of a response whose lists are `[key, type, value]` entries. */
export const TYPED_TYPE = 'application/vnd.esp-host.typed+json';

/** What an HTTP reply says. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

/** The response with plain objects where these lose nothing, and unless `typed` asks for entries. */
export function responseAnswer({ request, userData }: EspMessage, typed: boolean): Answer {
  const parameters = request?.list('Parameters') ?? new KeyValueList();
  if (!typed) {
    const body = { parameters: plainOf(parameters), userData: userData && plainOf(userData) };
    const complete = body.parameters !== undefined && (userData === undefined || body.userData !== undefined);
    if (complete) return { status: 200, type: JSON_TYPE, body };
  }
  const body = { parameters: listToJson(parameters), userData: userData && listToJson(userData) };
  return { status: 200, type: TYPED_TYPE, body };
}

export const faultAnswer = (fault: EspFault): Answer => ({
  status: statusOf(fault),
  type: JSON_TYPE,
  body: { faultCode: fault.code, faultString: fault.message },
});

const STATUS_OF_REASON = new Map<FaultReason | undefined, number>([
  ['deadline', 504],
  ['overloaded', 503],
  ['stopping', 503],
]);

/** The host's own codes; a plugin that throws one of them means the same. */
const STATUS_OF_CODE = new Map([
  ['701', 400],
  ['900', 500],
  ['901', 502],
  ['902', 404],
  ['904', 400],
  ['920', 502],
]);

/** The status of a fault with a code that is a plugin's own. */
export const PLUGIN_FAULT = 422;

export const statusOf = ({ code, reason }: EspFault): number =>
  STATUS_OF_REASON.get(reason) ?? STATUS_OF_CODE.get(code) ?? PLUGIN_FAULT;

/** The list as a plain object; undefined where that object, read again, would give another list. */
export function plainOf(list: KeyValueList): PlainValues | undefined {
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

/** Repeated keys may stand apart in a list, and an object has keys like `7` before all others. */
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
