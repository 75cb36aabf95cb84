import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { callingSteps } from '../../../mock-platform/strategies/index.js';
import { file, folder } from '../../support/files.js';
import { REACH } from './files.js';

const MORE = REACH.replace('when: { Id: { empty: false } }', 'when: { "{{contact.Kind}}": { equals: a }, Id: b }')
  .replace('name: Reach', 'name: More')
  .replace('appName: DMS', 'appType: 171')
  .replace('routeTo: SMS', 'routeTo: "{{contact.Address.City}} {{Id}} {{contacts.Id}}"')
  .replace('data: {', 'data: { contacts: "", ');

it('are those of all strategies in a folder, with their places and what they read', () => {
  const home = folder();
  file('a.yaml', REACH, home);
  file('b.yaml', MORE, home);
  const [reach, more, ...others] = callingSteps(home);
  expect(others).toEqual([]);
  expect(reach).toEqual({
    ...{ file: join(home, 'a.yaml'), line: 5, column: 5, strategy: 'Reach', id: 'ask', appName: 'DMS' },
    ...{ appType: undefined, service: 'Messaging', method: 'ValidateContact', timeoutMs: 5000 },
    parameters: { Id: '{{Id}}', Tries: '{{Tries}}', List: { Greeting: 'Hello {{Segment}}' } },
    ...{ reads: ['Id'], faults: ['904', 'other'] },
  });
  expect(more).toMatchObject({ strategy: 'More', appName: undefined, appType: 171 });
  expect(more?.reads.toSorted()).toEqual(['Address.City', 'Id', 'Kind']);
});

it('are none without a valid strategy', () => {
  expect(() => callingSteps(file('c.yaml', 'name: Bad\nsteps: []\n'))).toThrow(
    /c\.yaml:2:8: steps must have at least one/,
  );
});
