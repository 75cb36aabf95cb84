import { afterAll } from '@jest/globals';
import { type EspMessage, EspRequest, messageToJson, type PlainValues } from '#wire';
import { loadStubs, type StubAnswer, StubSet } from '../../../../mock-platform/stubs/index.js';
import { file, removeFolders } from '../../../support/files.js';
import { outcome, request } from '../../../support/raw-client.js';

afterAll(removeFolders);

/** The stubs of a YAML text. */
export const stubsOf = (yaml: string): StubSet => new StubSet(loadStubs(file('stubs.yaml', yaml)).config);

export const ask = (set: StubSet, message: EspMessage): StubAnswer => set.answer(new EspRequest(message));

/** The answer to Billing.GetBalance: a response's parameters, a fault, or `none`. */
export function said(set: StubSet, parameters: PlainValues = {}, more: PlainValues = {}): string {
  const { message } = ask(set, request(1, 'Billing', 'GetBalance', parameters, more));
  return message === undefined ? 'none' : outcome(message);
}

/** Why no stub matched Billing.GetBalance; empty if one did. */
export function why(set: StubSet, parameters: PlainValues = {}, more: PlainValues = {}): string {
  return ask(set, request(1, 'Billing', 'GetBalance', parameters, more)).unmatched ?? '';
}

/** The Request list of a reply, in its JSON form. */
export const layoutOf = ({ message }: StubAnswer) => (message === undefined ? null : messageToJson(message).request);
