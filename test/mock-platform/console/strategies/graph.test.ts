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

describe('a step', () => {
  const stepOf = (step: unknown) => graphOf([step]).steps[0];

  it.each([
    [{ id: 'a', if: 'x' }, 'if', 'x'],
    [{ id: 'a', routeTo: 7 }, 'routeTo', '7'],
    [{ id: 'a' }, 'step', ''],
    [{ id: 'a', kind: 'other', other: { b: 1 } }, 'other', '{"b":1}'],
    [{ id: 'a', externalService: { appType: 171, service: 'S', method: 'M' } }, 'externalService', '171  S.M'],
    [{ id: 'a', externalService: { service: 'S', method: 'M' } }, 'externalService', 'S.M'],
    [{ id: 'a', assign: { A: 1, B: ['x'] } }, 'assign', 'A = 1, B = ["x"]'],
    [{ id: 'a', assign: ['x'] }, 'assign', ''],
  ])('%j is of its kind and has its text', (step, kind, text) => expect(stepOf(step)).toEqual({ id: 'a', kind, text }));

  it('leads where its branches, faults and ways out do', () => {
    const steps = [
      { id: 'a', if: 'x', ...Object.fromEntries([['then', 'b']]), else: 'c' },
      { id: 'b', externalService: {}, on: { fault: { other: 'c' }, lost: 'c' }, go: 'a' },
      { id: 'c', routeTo: 'x' },
      { id: 'd', routeTo: 'y' },
    ];
    expect(graphOf(steps).arrows).toEqual([
      { from: 'a', to: 'b', branch: 'then', label: 'then' },
      { from: 'a', to: 'c', branch: 'else', label: 'else' },
      { from: 'b', to: 'c', branch: 'on.fault.other', label: 'fault' },
      { from: 'b', to: 'c', branch: 'on.lost', label: 'lost' },
      { from: 'b', to: 'a', branch: '', label: '' },
    ]);
  });

  it.each([
    [[{ subject: 'Id', operator: 'equals', operands: ['a', 'b'] }], 'Id = a, b'],
    [[{ subject: { parameter: 'P' }, operator: 'empty', operands: ['true'] }], 'P empty'],
    [[{ subject: { text: 'T' }, operator: 'empty', operands: [] }], 'T empty'],
    [[{ subject: { template: '{{x}}' }, operator: 'oneOf', operands: [{ y: 1 }] }], '{{x}} is one of {"y":1}'],
    [[], 'response'],
  ])('writes the conditions %j that were read', (when, label) => {
    const steps = [{ kind: 'externalService', id: 'a', branches: [{ name: 'n', when, go: 'b' }] }, { id: 'b' }];
    expect(graphOf(steps).arrows[0]).toMatchObject({ branch: 'n', label });
  });
});

describe('the names of data', () => {
  it('come once each, from any text, and not those that a step saves or assigns', () => {
    const steps = [
      { id: 'a', externalService: { parameters: { Id: '{{ Phone }} {{Phone}}' } }, save: 'reply' },
      { id: 'b', assign: { Set: '{{reply.Id}} {{Team.name}} {{Set}}' } },
      { id: 'c', routeTo: 'x' },
    ];
    expect(dataNames(steps)).toEqual(['Phone', 'Team']);
  });
});
