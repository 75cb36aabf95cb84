import { type EspRequest, isApplicationType, isInt32, type KeyValueEntry, parametersOf } from '#wire';
import {
  type Checks,
  type Condition,
  conditionChecks,
  equals,
  type Found,
  inState,
  type Mismatch,
  type Scalars,
  shown,
} from '../common/condition.js';
import { textIn, valueAt } from './reading.js';

/** The requests that a stub answers. Omitted properties match anything. */
export interface Match {
  readonly appName?: string | undefined;
  readonly appType?: number | undefined;
  readonly service?: string | undefined;
  readonly method?: string | undefined;
  /** Conditions by key or dotted path. */
  readonly parameters?: Readonly<Record<string, Condition>> | undefined;
  readonly userData?: Readonly<Record<string, Condition>> | undefined;
  /** The required state of the stub's scenario. The initial state is ''. */
  readonly state?: string | undefined;
}

/** The values that conditions compare with. */
export const SCALARS: Scalars = {
  includes: (value) => typeof value === 'string' || isInt32(value),
  names: 'a quoted string, a 32-bit integer',
};

/** The checks of a stub: of the service, of the method, and all others. */
export function checksOf(match: Match, scenario: string): Checks<EspRequest> {
  const { appName, appType, service, method, state } = match;
  return [
    equals('service', service, (request) => request.service),
    equals('method', method, (request) => request.method),
    [
      ...equals<EspRequest>('appName', appName, (request) => request.appName ?? ''),
      ...(appType === undefined ? [] : [isOfType(appType)]),
      ...inState<EspRequest>(scenario, state),
      ...conditionChecks<EspRequest>('parameters', match.parameters, SCALARS, ({ list }, path) =>
        found(valueAt(parametersOf(list), path)),
      ),
      ...conditionChecks<EspRequest>('userData', match.userData, SCALARS, ({ userData }, path) =>
        found(valueAt(userData, path)),
      ),
    ],
  ];
}

const isOfType =
  (type: number) =>
  ({ appType }: EspRequest): Mismatch | undefined => {
    if (appType !== undefined && isApplicationType(appType, type)) return undefined;
    return () => `appType is ${shown(found(appType))}, not ${type}`;
  };

function found(entry: KeyValueEntry | undefined): Found | undefined {
  if (entry === undefined) return undefined;
  const text = textIn(entry);
  if (text !== undefined) return { text };
  return { kind: entry.type === 'list' ? 'a list' : 'binary' };
}
