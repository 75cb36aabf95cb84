import { describe, expect, it } from '@jest/globals';
import { dataNames, graphOf } from '../../../../mock-platform/console/strategies/graph.js';

const ASK = { appName: 'DMS', service: 'Messaging', method: 'ValidateContact', parameters: { Id: '{{Id}}' } };

/** The same strategy, as its file has it and as it was read from there. */
const FILE = [
  {
    id: 'ask',
    externalService: ASK,
    save: 'contact',
    on: {
      response: [{ when: { Id: { empty: false } }, go: 'chat' }, { go: 'end' }],
      fault: { 904: 'end', other: 'chat' },
      timeout: 'end',
    },
  },
  { id: 'chat', assign: { Medium: 'chat', Address: '{{contact.Id}}' } },
  { id: 'end', routeTo: 'Queue of {{Medium}} {{Team}}' },
];
const READ = [
  {
    kind: 'externalService',
    id: 'ask',
    service: ASK,
    save: 'contact',
    branches: [
      {
        name: 'on.response[0]',
        when: [{ subject: { of: 'reply', name: 'Id' }, operator: 'empty', operands: ['false'] }],
        go: 'chat',
      },
      { name: 'on.response[1]', when: [], go: 'end' },
    ],
    fault: { 904: 'end', other: 'chat' },
    timeout: 'end',
  },
  { kind: 'assign', id: 'chat', assign: { Medium: 'chat', Address: '{{contact.Id}}' }, go: 'end' },
  { kind: 'routeTo', id: 'end', routeTo: 'Queue of {{Medium}} {{Team}}' },
];

describe('a strategy as a graph', () => {
  it.each([
    ['its file', FILE],
    ['what was read', READ],
  ])('is made from %s', (_name, steps) => {
    expect(graphOf(steps)).toEqual({
      steps: [
        { id: 'ask', kind: 'externalService', text: 'DMS  Messaging.ValidateContact' },
        { id: 'chat', kind: 'assign', text: 'Medium = chat, Address = {{contact.Id}}' },
        { id: 'end', kind: 'routeTo', text: 'Queue of {{Medium}} {{Team}}' },
      ],
      arrows: [
        { from: 'ask', to: 'chat', branch: 'on.response[0]', label: 'Id not empty' },
        { from: 'ask', to: 'end', branch: 'on.response[1]', label: 'otherwise' },
        { from: 'ask', to: 'end', branch: 'on.fault.904', label: 'fault 904' },
        { from: 'ask', to: 'chat', branch: 'on.fault.other', label: 'other fault' },
        { from: 'ask', to: 'end', branch: 'on.timeout', label: 'timeout' },
        { from: 'chat', to: 'end', branch: '', label: '' },
      ],
    });
  });

  it.each([
    [{ Id: 'x' }, 'Id = x'],
    [{ Id: { notEquals: 'x' } }, 'Id ≠ x'],
    [{ Id: { oneOf: ['a', 'b'] } }, 'Id is one of a, b'],
    [{ Id: { empty: true } }, 'Id empty'],
    [{ A: { atLeast: 2 }, B: { atMost: 3 } }, 'A ≥ 2 and B ≤ 3'],
    [{ Id: { startsWith: '+1' } }, 'Id starts with +1'],
    [{ Id: { unheardOf: 1 } }, 'Id unheardOf 1'],
  ])('writes %j as %s', (when, label) => {
    const steps = [
      { id: 'a', externalService: {}, on: { response: [{ when, go: 'b' }] } },
      { id: 'b', routeTo: 'x' },
    ];
    expect(graphOf(steps).arrows[0]?.label).toBe(label);
  });

  it('leaves out arrows that lead nowhere, and takes anything for a step', () => {
    expect(graphOf([{ id: 'a', go: 'nowhere' }, null, 'text']).arrows).toEqual([]);
  });

  it('goes on with the next step where nothing else is said', () => {
    const steps = [
      { id: 'a', externalService: {}, on: { timeout: 'c' } },
      { id: 'b', assign: {} },
      { id: 'c', routeTo: 'x' },
    ];
    expect(graphOf(steps).arrows.map(({ from, to }) => `${from}${to}`)).toEqual(['ac', 'ab', 'bc']);
  });
});

describe('the data of a strategy', () => {
  it('is what its steps ask for and none of them sets', () => {
    expect(dataNames(FILE)).toEqual(['Id', 'Team']);
  });
});
