import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { z } from 'esp-host';
import { ConfigError } from '#server';
import { loadStrategies, loadStrategy } from '../../../mock-platform/strategies/index.js';
import { file, folder, removeFolders } from '../../support/files.js';
import { REACH, strategyOf } from './files.js';

afterAll(removeFolders);

/** What is said about a strategy, a line a problem, without the name of the file. */
function said(text: string): string[] {
  const path = file('strategy.yaml', text);
  try {
    loadStrategy(path);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((line) => line.replace(path, ''));
  }
}

/** REACH with one text in another's place; the text must be there. */
function changed(from: string, to: string): string {
  expect(REACH).toContain(from);
  return REACH.replace(from, to);
}

const withTest = (test: string): string => `${REACH}tests:\n  - ${test}\n`;

describe('a good strategy', () => {
  it('loads', () => {
    const { name, data, steps, tests } = strategyOf(REACH);
    expect({ name, data, tests }).toEqual({
      name: 'Reach',
      data: { Id: '+16315551002', Segment: 'gold', Tries: 3 },
      tests: [],
    });
    expect(steps.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'externalService ask',
      'assign whatsapp',
      'routeTo to-whatsapp',
      'routeTo sms',
      'routeTo email',
    ]);
    expect(steps[0]).toEqual({
      kind: 'externalService',
      id: 'ask',
      service: {
        appName: 'DMS',
        service: 'Messaging',
        method: 'ValidateContact',
        parameters: { Id: '{{Id}}', Tries: '{{Tries}}', List: { Greeting: 'Hello {{Segment}}' } },
        userData: { Segment: '{{Segment}}' },
        timeoutMs: 5000,
      },
      save: 'contact',
      branches: [
        {
          name: 'on.response[0]',
          when: [{ subject: { of: 'reply', name: 'Id' }, operator: 'empty', operands: ['false'] }],
          go: 'whatsapp',
        },
        { name: 'on.response[1]', when: [], go: 'sms' },
      ],
      fault: { 904: 'email', other: 'sms' },
      timeout: 'sms',
      lost: undefined,
    });
    expect(steps[1]).toEqual({
      kind: 'assign',
      id: 'whatsapp',
      assign: { Address: '{{contact.Id}}' },
      go: 'to-whatsapp',
    });
  });

  it('continues with the next step if a response has no branches, and waits 10 seconds', () => {
    const { steps } = strategyOf(`
name: Short
steps:
  - id: ask
    externalService: { appType: SocialMS, service: S, method: M }
  - id: end
    routeTo: Queue
`);
    expect(steps[0]).toMatchObject({
      branches: [{ name: 'next step', when: [], go: 'end' }],
      service: { appType: 'SocialMS', parameters: {}, timeoutMs: 10_000 },
    });
  });

  it('compares the saved reply like the reply, and a bare value for equality', () => {
    const when = '{ "{{contact.List.Inner}}": here, "{{Segment}}": { oneOf: [gold, 1] }, Count: 2 }';
    const [ask] = strategyOf(changed('{ Id: { empty: false } }', when)).steps;
    expect(ask.kind === 'externalService' && ask.branches[0]?.when).toEqual([
      { subject: { of: 'reply', name: 'List.Inner' }, operator: 'equals', operands: ['here'] },
      { subject: { of: 'data', name: 'Segment' }, operator: 'oneOf', operands: ['gold', '1'] },
      { subject: { of: 'reply', name: 'Count' }, operator: 'equals', operands: ['2'] },
    ]);
  });
});

it('a FaultCode may be any text', () => {
  expect(said(changed('904: email', 'InvalidServiceName: email'))).toEqual([]);
});

describe('a wrong step', () => {
  it.each<[string, string, string, string[]]>([
    [
      'an unknown id',
      'go: whatsapp',
      'go: wahtsapp',
      [':17:15: steps[0].on.response[0].go refers to an unknown step: wahtsapp; did you mean whatsapp?'],
    ],
    [
      'an unknown id behind a FaultCode',
      '904: email',
      '904: emial',
      [':19:21: steps[0].on.fault.904 refers to an unknown step: emial; did you mean email?'],
    ],
    [
      'an unknown id behind a timeout',
      'timeout: sms',
      'timeout: smss',
      [':20:16: steps[0].on.timeout refers to an unknown step: smss; did you mean sms?'],
    ],
    [
      'an invalid fault code',
      'other: sms',
      'othr: sms',
      [':19:34: steps[0].on.fault.othr is not a FaultCode; did you mean other?'],
    ],
    [
      'an unreachable step',
      'fault: { 904: email, other: sms }',
      'fault: { other: sms }',
      [':27:5: steps[4] (email) is unreachable: no step leads to it'],
    ],
    [
      'an id twice',
      'id: email',
      'id: sms',
      [':19:21: steps[0].on.fault.904 refers to an unknown step: email', ':27:9: steps[4].id is a duplicate id: sms'],
    ],
    [
      'the end of the file as the next step',
      'routeTo: E-mail',
      'assign: { Address: none }',
      [':27:5: steps[4] (email) has no next step: add go: or a routeTo step after it'],
    ],
    ['nothing to do', '    routeTo: SMS\n', '', [':25:5: steps[3] must have one of externalService, assign, routeTo']],
    [
      'two things to do',
      'routeTo: SMS',
      'routeTo: SMS\n    assign: { Address: "" }',
      [
        ':26:14: steps[3].routeTo cannot be combined with assign: a step has exactly one of externalService, assign, routeTo',
      ],
    ],
    [
      'a go instead of branches',
      '    save: contact\n',
      '    save: contact\n    go: sms\n',
      [
        ':14:9: steps[0].go is only allowed with assign, not externalService; use on: to continue after externalService',
      ],
    ],
    [
      'branches without anything to branch on',
      'routeTo: SMS',
      'routeTo: SMS\n    on: { timeout: email }',
      [':27:9: steps[3].on is only allowed with externalService, not routeTo'],
    ],
    [
      'waiting without a request',
      'routeTo: SMS',
      'routeTo: SMS\n    waitFor: { upstream: u, webhook: { event: "{{Idd}}" } }',
      [
        ':27:14: steps[3].waitFor is only allowed with externalService, not routeTo',
        expect.stringMatching(/:27:\d+: steps\[3\]\.waitFor\.webhook\.event has the unknown name \{\{Idd\}\}/) as never,
      ],
    ],
    [
      'no target',
      '      appName: DMS\n',
      '',
      [':7:7: steps[0].externalService must have appName or appType, which select the application'],
    ],
    [
      'a branch after one without conditions',
      '- go: sms',
      '- go: sms\n        - go: email',
      [':19:11: steps[0].on.response[2] is unreachable: response[1] has no when and matches every response'],
    ],
    [
      'an unknown key',
      'timeoutMs: 5000',
      'timeout: 5000',
      [':12:7: unknown key steps[0].externalService.timeout: did you mean timeoutMs?'],
    ],
    [
      'an unknown comparison',
      '{ empty: false }',
      '{ emtpy: false }',
      [':16:25: unknown key steps[0].on.response[0].when.Id.emtpy: did you mean empty?'],
    ],
    [
      'no comparison',
      '{ empty: false }',
      '{}',
      [
        ':16:23: steps[0].on.response[0].when.Id must have a comparison, such as { empty: false } or { startsWith: "+1" }',
      ],
    ],
  ])('%s', (_what, from, to, expected) => expect(said(changed(from, to))).toEqual(expected));

  it('at the end that sends a request has no next step', () => {
    expect(said('name: A\nsteps:\n  - id: a\n    externalService: { appName: A, service: S, method: M }\n')).toEqual([
      ':3:5: steps[0] (a) has no next step: add on.response: or a routeTo step after it',
    ]);
  });

  it('is one that is reachable only from an unreachable one', () => {
    const text = 'name: A\nsteps:\n  - { id: a, routeTo: A }\n  - { id: b, assign: {} }\n  - { id: c, routeTo: C }\n';
    expect(said(text)).toEqual([
      ':4:5: steps[1] (b) is unreachable: no step leads to it',
      ':5:5: steps[2] (c) is unreachable: no step leads to it',
    ]);
  });
});

describe('a step with a mistake', () => {
  const steps = (...lines: readonly string[]): string =>
    `name: A\nsteps:\n${lines.map((line) => `  - { ${line} }\n`).join('')}`;
  const ask = (more: string, service = 'appName: DMS, service: S, method: M') =>
    steps(`id: a, externalService: { ${service} }${more}`, 'id: b, routeTo: B');
  /** Without the places in the file. */
  const mistakes = (text: string) => said(text).map((line) => line.replace(/^:\d+:\d+: /, ''));

  it.each(['othr', 'oter', 'others', 'Other', 'otherwise', 'else', 'default', 'any', '*'])(
    'has no FaultCode %s',
    (code) => {
      expect(mistakes(ask(`, on: { fault: { "${code}": b } }`))).toEqual([
        `steps[0].on.fault.${code} is not a FaultCode; did you mean other?`,
      ]);
    },
  );

  it.each([
    ['waitFor: { upstream: u, webhook: { a: w } }', 'waitFor'],
    ['save: x', 'save'],
    ['on: { timeout: b }', 'on'],
  ])('routes with %s', (more, key) => {
    expect(mistakes(steps(`id: b, routeTo: B, ${more}`))).toContain(
      `steps[0].${key} is only allowed with externalService, not routeTo`,
    );
  });

  it.each([
    ['externalService', ask(', go: b'), '; use on: to continue after externalService'],
    ['routeTo', steps('id: b, routeTo: B, go: b'), ''],
  ])('has go: with %s', (kind, text, hint) => {
    expect(mistakes(text)).toEqual([`steps[0].go is only allowed with assign, not ${kind}${hint}`]);
  });

  it.each([
    ['go', steps('id: a, assign: {}, go: c', 'id: b, routeTo: B')],
    ['on.response[0].go', ask(', on: { response: [{ go: c }] }')],
    ['on.fault.920', ask(', on: { fault: { "920": c } }')],
    ['on.timeout', ask(', on: { timeout: c }')],
    ['on.lost', ask(', on: { lost: c }')],
  ])('refers to an unknown step in %s', (key, text) => {
    expect(mistakes(text)).toEqual([expect.stringMatching(/^steps\[0\]\.\S+ refers to an unknown step: c/)]);
    expect(mistakes(text)[0]).toContain(`steps[0].${key} `);
  });

  it.each([
    ['go', steps('id: a, assign: {}, go: c', 'id: b, routeTo: B', 'id: c, routeTo: C'), ['b']],
    ['lost', ask(', on: { response: [{ go: a }], lost: b }'), []],
    ['timeout', ask(', on: { response: [{ go: a }], timeout: b }'), []],
    ['fault', ask(', on: { response: [{ go: a }], fault: { other: b } }'), []],
    ['response', ask(', on: { response: [{ go: b }] }'), []],
    ['no response', ask(', on: { lost: a }'), []],
  ])('leads to others by %s', (_how, text, unreachable) => {
    expect(mistakes(text)).toEqual(unreachable.map((id) => expect.stringContaining(`(${id}) is unreachable`)));
  });

  it.each([
    ['{ go: b }, { go: b }', 0],
    ['{ when: {}, go: b }, { go: b }', 0],
    ['{ when: { A: x }, go: b }, { go: b }, { go: b }', 1],
  ])('has responses after one without a condition: %s', (branches, all) => {
    expect(mistakes(ask(`, on: { response: [${branches}] }`))).toEqual([
      `steps[0].on.response[${all + 1}] is unreachable: response[${all}] has no when and matches every response`,
    ]);
  });

  it('has a condition only on the last responses', () => {
    expect(mistakes(ask(', on: { response: [{ when: { A: x }, go: b }, { go: b }] }'))).toEqual([]);
  });

  it('assigns a name that templates cannot use, or saves a reply under it', () => {
    expect(mistakes(steps('id: a, assign: { "a b": x }', 'id: b, routeTo: B'))).toEqual([
      'steps[0].assign.a b must be a name without spaces, dots and braces',
    ]);
    expect(mistakes(ask(', save: a.b'))).toEqual(['steps[0].save must be a name without spaces, dots and braces']);
  });

  it('saves a reply over a name that a step assigns', () => {
    const [assign, route] = ['id: c, assign: { x: "1" }', 'id: b, routeTo: B'];
    const asks = 'id: a, externalService: { appName: DMS, service: S, method: M }, save: x';
    expect(mistakes(steps(assign, asks, route))).toEqual([
      'steps[1].save overwrites x in the data: choose another name for the reply',
    ]);
  });

  it.each([
    ['externalService.userData.K', ask('', 'appName: DMS, service: S, method: M, userData: { K: "{{X}}" }')],
    ['externalService.parameters.K', ask('', 'appName: DMS, service: S, method: M, parameters: { K: "{{X}}" }')],
    ['waitFor.webhook.a', ask(', waitFor: { upstream: u, webhook: { a: "{{X}}" } }')],
    ['assign.Longer', steps('id: a, assign: { Longer: "{{X}}" }', 'id: b, routeTo: B')],
    ['routeTo', steps('id: a, routeTo: "{{X}}"')],
  ])('has an unknown name in %s', (key, text) => {
    const known = key === 'assign.Longer' ? 'Longer' : 'none';
    expect(mistakes(text)).toEqual([`steps[0].${key} has the unknown name {{X}} (known names: ${known})`]);
  });

  it('compares more than a template, or nothing', () => {
    const when = (condition: string) =>
      mistakes(ask(`, save: r, on: { response: [{ when: { ${condition} }, go: b }] }`));
    const must = 'must be a parameter of the reply (Id) or a single template ({{Id}})';
    for (const subject of ['x{{r.A}}', '{{r.A}}x', '{{r.A}}{{r.B}}'])
      expect(when(`"${subject}": x`)).toEqual([`steps[0].on.response[0].when.${subject} ${must}`]);
    expect([when('"{{r.A}}": x'), when('A: x')]).toEqual([[], []]);
    expect(when('A: {}')).toEqual([
      'steps[0].on.response[0].when.A must have a comparison, such as { empty: false } or { startsWith: "+1" }',
    ]);
  });
});

describe('a wrong name or value', () => {
  const unknown = (name: string) =>
    `has the unknown name {{${name}}} (known names: Id, Segment, Tries, Address, contact)`;
  it.each<[string, string, string, string[]]>([
    [
      'in a parameter',
      '"{{Id}}"',
      '"{{Idd}}"',
      [`:10:25: steps[0].externalService.parameters.Id ${unknown('Idd')}; did you mean Id?`],
    ],
    [
      'in a list within',
      'Hello {{Segment}}',
      'Hello {{Sgment}}',
      [`:10:73: steps[0].externalService.parameters.List.Greeting ${unknown('Sgment')}; did you mean Segment?`],
    ],
    [
      'of a reply',
      '{{contact.Id}}',
      '{{contcat.Id}}',
      [`:22:24: steps[1].assign.Address ${unknown('contcat.Id')}; did you mean contact?`],
    ],
    ['in a target', 'routeTo: SMS', 'routeTo: SMS {{Nobody}}', [`:26:14: steps[3].routeTo ${unknown('Nobody')}`]],
    [
      'in a condition',
      '{ empty: false }',
      '{ oneOf: ["{{Id}}", "{{Segmnt}}"] }',
      [`:16:43: steps[0].on.response[0].when.Id.oneOf[1] ${unknown('Segmnt')}; did you mean Segment?`],
    ],
    [
      'as the compared value',
      '{ Id: { empty: false } }',
      '{ "{{Segmnt}}": gold }',
      [`:16:33: steps[0].on.response[0].when.{{Segmnt}} ${unknown('Segmnt')}; did you mean Segment?`],
    ],
    [
      'braces that are not a template',
      '"{{Id}}"',
      '"{{Id}"',
      [':10:25: steps[0].externalService.parameters.Id has unmatched braces: write templates as {{Name}}'],
    ],
    [
      'more than a template as the compared value',
      '{ Id: { empty: false } }',
      '{ "x{{Id}}": gold }',
      [
        ':16:30: steps[0].on.response[0].when.x{{Id}} must be a parameter of the reply (Id) or a single template ({{Id}})',
      ],
    ],
    [
      'a reply over the data',
      'save: contact',
      'save: Id',
      [
        ':13:11: steps[0].save overwrites Id in the data: choose another name for the reply',
        ':22:24: steps[1].assign.Address has the unknown name {{contact.Id}} (known names: Id, Segment, Tries, Address)',
      ],
    ],
    [
      'a name that templates cannot use',
      'Segment: gold',
      'Segment: gold, "a b": 1',
      [':3:51: data.a b must be a name without spaces, dots and braces'],
    ],
    [
      'a phone number without quotes',
      'Id: "+16315551002"',
      'Id: +16315551002',
      [':3:13: data.Id must be a string (quote phone numbers and templates) or a 32-bit integer'],
    ],
    [
      'a parameter of a kind that ESP does not have',
      '"{{Id}}"',
      '[1]',
      [
        ':10:25: steps[0].externalService.parameters.Id must be a string (quote phone numbers and templates) or a 32-bit integer, or a mapping of these',
      ],
    ],
  ])('%s', (_what, from, to, expected) => expect(said(changed(from, to))).toEqual(expected));
});

describe('a wrong case', () => {
  it.each<[string, string, string[]]>([
    [
      'unknown data',
      '{ name: A, set: { ID: x }, expect: { routedTo: SMS } }',
      [':30:27: tests[0].set.ID is not a name in data (known: Id, Segment, Tries); did you mean Id?'],
    ],
    [
      'an unknown step',
      '{ name: A, expect: { path: [ask, smss] } }',
      [
        ':30:38: tests[0].expect.path[1] is not a step (known: ask, whatsapp, to-whatsapp, sms, email); did you mean sms?',
      ],
    ],
    [
      'a step that sends nothing',
      '{ name: A, expect: { sent: { sms: { Id: x } } } }',
      [':30:39: tests[0].expect.sent.sms is not a step with externalService (known: ask)'],
    ],
    [
      'no expectation',
      '{ name: A, expect: {} }',
      [':30:24: tests[0].expect must have at least one of routedTo, nowhere, path, sent and data'],
    ],
    [
      'a fault that no platform has',
      '{ name: A, faults: [{ kind: delay, ms: 0 }, { kind: billing.any, x: 1 }], expect: { nowhere: ask } }',
      [':30:25: tests[0].faults[0] is not valid: ms must be at least 1'],
    ],
    [
      'a time without an offset',
      '{ name: A, clock: { at: 2026-12-24T18:30:00 }, expect: { nowhere: ask } }',
      [
        ':30:29: tests[0].clock.at must be a time with its offset, such as 2026-12-24T18:30:00+01:00, not "2026-12-24T18:30:00"',
      ],
    ],
    [
      'an unknown step before which time passes',
      '{ name: A, clock: { advanceMs: { aks: 5, sms: 5 } }, expect: { nowhere: ask } }',
      [
        ':30:43: tests[0].clock.advanceMs.aks is not a step (known: ask, whatsapp, to-whatsapp, sms, email); did you mean ask?',
      ],
    ],
    [
      'a stub that is not valid',
      '{ name: A, stubs: { B: [{ answer: {} }] }, upstreamStubs: { C: [{}] }, expect: { nowhere: ask } }',
      [
        ':30:39: tests[0].stubs.B[0].answer must have exactly one of parameters, fault, none and request',
        ':30:69: tests[0].upstreamStubs.C[0] must have either answer or answers',
      ],
    ],
    [
      'two ends',
      '{ name: A, expect: { routedTo: SMS, nowhere: ask } }',
      [':30:50: tests[0].expect.nowhere cannot be combined with routedTo'],
    ],
    [
      'a name twice',
      '{ name: A, expect: { nowhere: ask } }\n  - { name: A, expect: { nowhere: ask } }',
      [':31:13: tests[1].name is a duplicate name'],
    ],
  ])('%s', (_what, test, expected) => expect(said(withTest(test))).toEqual(expected));

  it('has nothing to refer to in a strategy that asks and routes nothing', () => {
    const bare = "name: A\nsteps:\n  - { id: a, assign: { B: '{{C}}' }, go: a }\ntests:\n";
    expect(
      said(`${bare}  - { name: A, set: { D: x }, expect: { routedTo: SMS, nowhere: b, sent: { a: { E: 1 } } } }\n`),
    ).toEqual([
      expect.stringMatching(/^:3:\d+: steps\[0\]\.assign\.B has the unknown name \{\{C\}\} \(known names: B\)/),
      expect.stringMatching(/^:5:\d+: tests\[0\]\.set\.D is not a name in data \(known: none\)$/),
      ':5:51: tests[0].expect.routedTo is not a routeTo target (known: none)',
      expect.stringMatching(/^:5:65: tests\[0\]\.expect\.nowhere is not a step \(known: a\)/),
      ':5:65: tests[0].expect.nowhere cannot be combined with routedTo',
      ':5:79: tests[0].expect.sent.a is not a step with externalService (known: none)',
    ]);
  });

  it('places the problems of its faults', () => {
    const { tests } = strategyOf(
      withTest('{ name: A, faults: [{ kind: a.x }, { kind: b.x }], expect: { nowhere: ask } }'),
    );
    const [first, second] = tests[0]?.faults ?? [];
    expect([first?.definition, second?.definition]).toEqual([{ kind: 'a.x' }, { kind: 'b.x' }]);
    expect(second?.problem('x').message).toMatch(/:30:\d+: tests\[0\]\.faults\[1\] is not valid: x$/);
  });

  it('has stubs and a time', () => {
    const stub = '{ answer: { none: true } }';
    const time = 'clock: { at: 1970-01-01T01:00:01+01:00, advanceMs: { sms: 5 } }';
    const { tests } = strategyOf(
      withTest(
        `{ name: A, stubs: { B: [${stub}] }, upstreamStubs: { C: [${stub}] }, ${time}, expect: { nowhere: ask } }`,
      ),
    );
    expect(tests[0]).toMatchObject({
      stubs: [{ owner: 'B', definitions: [{ answer: { none: true } }] }],
      upstreamStubs: [{ owner: 'C', definitions: [{ answer: { none: true } }] }],
      clock: { at: 1000, advanceMs: { sms: 5 } },
    });
    expect(tests[0]?.upstreamStubs[0]?.problem('x', ['CC']).message).toMatch(
      /:30:\d+: tests\[0\]\.upstreamStubs\.C x; did you mean CC\?$/,
    );
    expect(strategyOf(withTest('{ name: A, clock: {}, expect: { nowhere: ask } }')).tests[0]?.clock).toEqual({
      ...{ at: undefined, advanceMs: {} },
    });
    expect(strategyOf(withTest('{ name: A, expect: { nowhere: ask } }')).tests[0]).toMatchObject({
      ...{ stubs: [], upstreamStubs: [], clock: undefined },
    });
  });

  it('expects a target that no step has, if targets have no templates', () => {
    const plain = REACH.replace('WhatsApp {{Segment}}', 'WhatsApp');
    expect(said(`${plain}tests:\n  - { name: A, expect: { routedTo: WhatsAp } }\n`)).toEqual([
      ':30:36: tests[0].expect.routedTo is not a routeTo target (known: WhatsApp, SMS, E-mail); did you mean WhatsApp?',
    ]);
    expect(said(withTest('{ name: A, expect: { routedTo: WhatsApp silver } }'))).toEqual([]);
  });
});

describe('the settings of an upstream in a case', () => {
  const schema = z.strictObject({
    version: z.string('must be a version such as 2.41.3').default('2.41.3'),
    numbers: z.array(z.string().startsWith('+', 'must start with +')).default([]),
  });
  const settingsOf = (upstreams: string) =>
    strategyOf(withTest(`{ name: A, ${upstreams}, expect: { nowhere: ask } }`)).tests[0]?.upstreams;
  const problem = (upstreams: string): string => {
    try {
      return JSON.stringify(settingsOf(upstreams)?.[0]?.check(schema));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.message.replace(/^\S*\.yaml/, '');
    }
  };

  it.each([
    [
      'upstreams: { api: { version: 2.45 } }',
      ':30:45: tests[0].upstreams.api.version must be a version such as 2.41.3, not 2.45',
    ],
    [
      'upstreams: { api: { numbers: ["0631"] } }',
      ':30:46: tests[0].upstreams.api.numbers[0] must start with +, not "0631"',
    ],
    [
      'upstreams: { api: { nummers: [] } }',
      ':30:36: unknown key tests[0].upstreams.api.nummers: did you mean numbers?',
    ],
  ])('are checked by its mock: %s', (settings, expected) => expect(problem(settings)).toEqual(expected));

  it('are only the configured ones, without defaults', () => {
    const found = settingsOf('upstreams: { api: { version: 2.45.1 }, other: { numbers: [] } }');
    expect(found?.map(({ name, check }) => [name, check(schema)])).toEqual([
      ['api', { version: '2.45.1' }],
      ['other', { numbers: [] }],
    ]);
  });
});

describe('a folder', () => {
  it('returns its strategies by path', () => {
    const path = folder();
    mkdirSync(join(path, 'inner'));
    file('b.yml', REACH, path);
    file('a.yaml', REACH, join(path, 'inner'));
    file('notes.txt', 'no strategy', path);
    expect(loadStrategies(path).map((one) => one.file)).toEqual([join(path, 'b.yml'), join(path, 'inner', 'a.yaml')]);
    expect(loadStrategies(join(path, 'b.yml'))).toHaveLength(1);
  });

  it('reports the errors of all its files', () => {
    const path = folder();
    file('a.yaml', 'name: A\n', path);
    file('b.yaml', REACH, path);
    file('c.yaml', 'steps: []\n', path);
    expect(() => loadStrategies(path)).toThrow(
      `${join(path, 'a.yaml')}:1:1: steps is missing: it must be a list\n` +
        `${join(path, 'c.yaml')}:1:1: name is missing: it must be the name of the strategy\n` +
        `${join(path, 'c.yaml')}:1:8: steps must have at least one step`,
    );
  });

  it('without strategies, or that does not exist, is an error', () => {
    const path = folder();
    expect(() => loadStrategies(path)).toThrow(`${path}:1:1: contains no strategies (.yaml or .yml files)`);
    expect(() => loadStrategies(join(path, 'none.yaml'))).toThrow('no such file');
  });
});
