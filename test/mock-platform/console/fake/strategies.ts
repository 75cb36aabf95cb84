import type { RunStep, StrategyFile, StrategyRun, StrategySweep } from '../../../../mock-platform/console/api/types.ts';

export const STRATEGIES: readonly [StrategyFile, ...StrategyFile[]] = [
  {
    file: 'strategies/reach-the-customer.yaml',
    id: 'y1',
    tests: [],
    name: 'Reach the customer',
    data: { Id: '+16315551002', Medium: '', Address: '' },
    steps: [
      {
        kind: 'externalService',
        id: 'ask',
        service: {
          appName: 'DMS',
          service: 'Messaging',
          method: 'ValidateContact',
          parameters: { Id: '{{Id}}', _umsChannel: 'whatsapp' },
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
        fault: { other: 'email' },
        timeout: 'sms',
      },
      { kind: 'assign', id: 'whatsapp', assign: { Medium: 'whatsapp', Address: '{{contact.Id}}' }, go: 'to-whatsapp' },
      { kind: 'routeTo', id: 'to-whatsapp', routeTo: 'WhatsApp queue' },
      { kind: 'assign', id: 'sms', assign: { Medium: 'sms', Address: '{{Id}}' }, go: 'to-sms' },
      { kind: 'routeTo', id: 'to-sms', routeTo: 'SMS queue' },
      { kind: 'assign', id: 'email', assign: { Medium: 'email' }, go: 'to-email' },
      { kind: 'routeTo', id: 'to-email', routeTo: 'E-mail queue' },
    ],
  },
  {
    file: 'strategies/screen-and-answer.yaml',
    id: 'y2',
    tests: [],
    name: 'Screen and answer',
    data: { Subject: 'Re: invoice 4711', Attempts: 0 },
    steps: [
      {
        kind: 'externalService',
        id: 'screen',
        service: {
          appType: 'Classification Server',
          service: 'Classify',
          method: 'Screen',
          parameters: { Subject: '{{Subject}}' },
          timeoutMs: 10_000,
        },
        save: 'screened',
        branches: [
          {
            name: 'on.response[0]',
            when: [{ subject: { of: 'reply', name: 'Relevancy' }, operator: 'atLeast', operands: ['80'] }],
            go: 'acknowledge',
          },
          { name: 'on.response[1]', when: [], go: 'agent' },
        ],
        fault: { 920: 'again', other: 'agent' },
        timeout: 'again',
      },
      { kind: 'assign', id: 'again', assign: { Attempts: 1 }, go: 'screen' },
      {
        kind: 'externalService',
        id: 'acknowledge',
        service: {
          appName: 'E-mail Server',
          service: 'Email',
          method: 'Acknowledge',
          parameters: { StandardResponseId: '00001a4BPC78' },
          timeoutMs: 10_000,
        },
        branches: [{ name: 'on.response[0]', when: [], go: 'done' }],
        fault: { other: 'agent' },
      },
      { kind: 'routeTo', id: 'agent', routeTo: 'Agents, {{screened.Category}}' },
      { kind: 'routeTo', id: 'done', routeTo: 'Done' },
    ],
  },
  {
    file: 'strategies/broken.yaml',
    id: 'y3',
    tests: [],
    name: 'broken.yaml',
    data: {},
    steps: [],
    problems: ['strategies/broken.yaml:14:9 steps[2].go refers to an unknown step: sm; did you mean sms?'],
  },
];

export const SWEEP: StrategySweep = {
  paths: [
    { forced: [{ step: 'ask', outcome: 'response Id=""' }], routedTo: 'SMS queue', endedAt: 'to-sms' },
    { forced: [{ step: 'ask', outcome: 'connection lost' }], routedTo: null, endedAt: 'ask', problem: 'no lost' },
  ],
  neverTaken: ['ask on.response[1]'],
  neverReached: ['email'],
  cut: false,
};

/** The numbers on WhatsApp. */
const NUMBERS = ['+16315551002', '+15162837151', '+5491156121008'];

/** The run of the first strategy: the number is on WhatsApp, is not, or is invalid. */
export function runOf(set: Record<string, unknown>): StrategyRun {
  const [strategy] = STRATEGIES;
  const data = { ...strategy.data, ...set };
  const number = String(data.Id).replaceAll(/[^+\d]/g, '');
  const way = number === '' ? 'email' : NUMBERS.includes(number) ? 'whatsapp' : 'sms';
  const target = { whatsapp: 'WhatsApp queue', sms: 'SMS queue', email: 'E-mail queue' }[way];
  const outcome: NonNullable<RunStep['outcome']> =
    way === 'email'
      ? { kind: 'fault', code: '904', text: 'Messaging.ValidateContact incorrect Id: no digits' }
      : { kind: 'response', parameters: { Id: way === 'whatsapp' ? number : '' } };
  const after = { ...data, Medium: way, ...(outcome.parameters ? { contact: outcome.parameters } : {}) };
  const branch = { whatsapp: 'on.response[0]', sms: 'on.response[1]', email: 'on.fault.other' }[way];
  return {
    strategy: strategy.name,
    file: strategy.file,
    steps: [
      {
        id: 'ask',
        kind: 'externalService',
        sent: {
          appName: 'DMS',
          service: 'Messaging',
          method: 'ValidateContact',
          parameters: { Id: data.Id, _umsChannel: 'whatsapp' },
          timeoutMs: 5000,
        },
        outcome,
        branch,
        next: way,
        durationMs: 6.31,
        data,
      },
      { id: way, kind: 'assign', assigned: { Medium: way }, next: `to-${way}`, durationMs: 0.01, data: after },
      { id: `to-${way}`, kind: 'routeTo', durationMs: 0.01, data: after },
    ],
    routedTo: target,
    endedAt: `to-${way}`,
    before: data,
    data: after,
    durationMs: 6.33,
  };
}
