import { inspect } from 'node:util';
import type {} from 'expect';
import { KeyValueList, listToJson } from '../esp/index.js';
import type { EspOutcome } from './outcome.js';

/** The `this` of a matcher, in jest and compatible runners. */
export interface MatcherContext {
  readonly isNot?: boolean;
  equals(a: unknown, b: unknown): boolean;
}

/** The verdict of a matcher. */
export interface MatcherResult {
  readonly pass: boolean;
  message(): string;
}

/**
 * Matchers for the outcome of a call, for jest and compatible runners.
 *
 * @example
 * expect.extend(espMatchers);
 * expect(await method.call({})).toBeEspFault(904, 'Billing.GetBalance incorrect Account: missing');
 */
export const espMatchers = {
  /** Expects a fault with this code and, if given, this text. */
  toBeEspFault(this: MatcherContext, received: unknown, code: number | string, text?: string | RegExp): MatcherResult {
    const outcome = checked('toBeEspFault', received);
    const { fault } = outcome;
    const fits =
      text instanceof RegExp
        ? fault !== undefined && text.test(fault.text)
        : text === undefined || fault?.text === text;
    const wanted = `fault ${code}${text === undefined ? '' : ` ${text instanceof RegExp ? text : `'${text}'`}`}`;
    return verdict(this, fault?.code === String(code) && fits, wanted, outcome);
  },

  /** Expects a response, and exactly these parameters if given. A KeyValueList compares kinds and order too. */
  toBeEspResponse(this: MatcherContext, received: unknown, parameters?: unknown): MatcherResult {
    const outcome = checked('toBeEspResponse', received);
    const { response } = outcome;
    const wanted = parameters instanceof KeyValueList ? listToJson(parameters) : parameters;
    const came = parameters instanceof KeyValueList ? typed(outcome) : response;
    const pass = response !== undefined && (parameters === undefined || this.equals(came, wanted));
    const text = parameters === undefined ? 'a response' : `the response ${shown(wanted)}`;
    return verdict(this, pass, text, outcome);
  },
};

function checked(matcher: string, received: unknown): EspOutcome {
  if (typeof received === 'object' && received !== null && 'upstream' in received) return received as EspOutcome;
  const hint = received instanceof Promise ? 'a promise: await the call first' : shown(received);
  throw new TypeError(`${matcher} expects the outcome of a call of esp-host/testing, not ${hint}`);
}

const typed = ({ message }: EspOutcome) => listToJson(message?.request?.list('Parameters') ?? new KeyValueList());

const verdict = ({ isNot }: MatcherContext, pass: boolean, wanted: string, outcome: EspOutcome): MatcherResult => ({
  pass,
  message: () => `Expected ${outcome.name} ${isNot ? 'not ' : ''}to answer ${wanted}\nIt answered ${answer(outcome)}`,
});

function answer({ response, fault, logs, upstream }: EspOutcome): string {
  const lines = [response !== undefined ? `the response ${shown(response)}` : 'nothing: the client disconnected'];
  if (fault !== undefined) lines[0] = `fault ${fault.code} '${fault.text}'`;
  for (const { method, url, status } of upstream) lines.push(`  called ${method} ${url}: ${status ?? 'no answer'}`);
  for (const { level, message, fields } of logs) {
    lines.push(`  logged ${level}: ${message}`);
    if (typeof fields.stack === 'string') lines.push(fields.stack.replaceAll(/^/gm, '    '));
  }
  return lines.join('\n');
}

const shown = (value: unknown): string => inspect(value, { depth: 10, breakLength: 100 });

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> {
    /** Expects a fault with this code and, if given, this text. */
    toBeEspFault(code: number | string, text?: string | RegExp): R;
    /** Expects a response, and exactly these parameters if given. A KeyValueList compares kinds and order too. */
    toBeEspResponse(parameters?: unknown): R;
  }
}
