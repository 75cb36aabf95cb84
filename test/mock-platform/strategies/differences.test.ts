import { afterAll, expect, it } from '@jest/globals';
import { differences } from '../../../mock-platform/strategies/differences.js';
import { runStrategy } from '../../../mock-platform/strategies/index.js';
import type { Expectation } from '../../../mock-platform/strategies/model.js';
import { removeFolders } from '../../support/files.js';
import { REACH, strategyOf } from './files.js';

afterAll(removeFolders);

/** How a run of REACH that is answered with this Id differs; without one it ends nowhere, at `ask`. */
async function differ(Id: string | undefined, expected: Expectation): Promise<string[]> {
  const strategy = strategyOf(REACH.replace('other: sms', '901: sms'));
  const run = await runStrategy(strategy, {}, async () =>
    Id === undefined
      ? { kind: 'fault', code: '900', text: '' }
      : { kind: 'response', parameters: { Id, List: { A: 1 } } },
  );
  return differences(expected, run);
}

it.each<[string, Expectation]>([
  ['+1', { routedTo: 'WhatsApp gold', path: ['ask', 'whatsapp', 'to-whatsapp'] }],
  ['+1', { sent: { ask: { Id: '+16315551002', Tries: '3', List: { Greeting: 'Hello gold' } } } }],
  ['+1', { data: { Address: '+1', contact: { List: { A: '1' } }, 'contact.Id': '+1', Tries: 3 } }],
  ['', { data: { contact: { Id: '' } } }],
  ['', {}],
])('%s: as expected: %j', async (Id, expected) => expect(await differ(Id, expected)).toEqual([]));

it('ends nowhere as expected', async () => expect(await differ(undefined, { nowhere: 'ask' })).toEqual([]));

it.each<[string | undefined, Expectation, string[]]>([
  ['', { routedTo: 'WhatsApp gold' }, ['routedTo: expected WhatsApp gold, but routed to SMS']],
  [
    undefined,
    { routedTo: 'SMS' },
    ['routedTo: expected SMS, but ended nowhere at ask: on.fault has neither 900 nor other'],
  ],
  ['', { nowhere: 'ask' }, ['nowhere: expected ask, but routed to SMS']],
  [
    undefined,
    { nowhere: 'sms' },
    ['nowhere: expected sms, but ended nowhere at ask: on.fault has neither 900 nor other'],
  ],
  ['', { path: ['ask'] }, ['path: expected ask, but was ask, sms']],
  [
    '+1',
    { sent: { ask: { Id: '+2', Name: 'x' } } },
    ['sent.ask.Id: expected "+2", but was "+16315551002"', 'sent.ask.Name: expected "x", but was missing'],
  ],
  [
    '+1',
    { sent: { ask: { List: { Greeting: 'Hi' } } } },
    ['sent.ask.List.Greeting: expected "Hi", but was "Hello gold"'],
  ],
  [
    '+1',
    { data: { contact: { Id: '' }, Tries: { A: 1 } } },
    ['data.contact.Id: expected "", but was "+1"', 'data.Tries: expected "{\\"A\\":1}", but was "3"'],
  ],
])('%s: %j', async (Id, expected, said) => expect(await differ(Id, expected)).toEqual(said));
