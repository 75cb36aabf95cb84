export const STRATEGIES = [
  {
    file: 'strategies/reach-the-customer.yaml',
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
    name: 'Screen and answer',
    data: { Subject: 'Re: invoice 4711', Attempts: 0 },
    steps: [
      {
        id: 'screen',
        externalService: {
          appType: 'Classification Server',
          service: 'Classify',
          method: 'Screen',
          parameters: { Subject: '{{Subject}}' },
        },
        save: 'screened',
        on: {
          response: [{ when: { Relevancy: { atLeast: 80 } }, go: 'acknowledge' }, { go: 'agent' }],
          fault: { 920: 'again', other: 'agent' },
          timeout: 'again',
        },
      },
      { id: 'again', assign: { Attempts: 1 }, go: 'screen' },
      {
        id: 'acknowledge',
        externalService: {
          appName: 'E-mail Server',
          service: 'Email',
          method: 'Acknowledge',
          parameters: { StandardResponseId: '00001a4BPC78' },
        },
        on: { response: [{ go: 'done' }], fault: { other: 'agent' } },
      },
      { id: 'agent', routeTo: 'Agents, {{screened.Category}}' },
      { id: 'done', routeTo: 'Done' },
    ],
  },
  {
    file: 'strategies/broken.yaml',
    name: 'broken.yaml',
    steps: [],
    problems: [
      'strategies/broken.yaml:14:9 steps[2].go leads to no step: there is none with the id sm; did you mean sms?',
    ],
  },
] as const;

/** The run of the first strategy, as the number is on WhatsApp, is not, or is none. */
export function runOf(set: Record<string, unknown>, numbers: readonly string[]) {
  const [strategy] = STRATEGIES;
  const data = { ...strategy.data, ...set };
  const number = String(data.Id).replaceAll(/[^+\d]/g, '');
  const way = number === '' ? 'email' : numbers.includes(number) ? 'whatsapp' : 'sms';
  const target = { whatsapp: 'WhatsApp queue', sms: 'SMS queue', email: 'E-mail queue' }[way];
  const got =
    way === 'email'
      ? { kind: 'fault', code: '904', text: 'Messaging.ValidateContact incorrect Id: no digits' }
      : { kind: 'response', parameters: { Id: way === 'whatsapp' ? number : '' } };
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
        },
        got,
        branch,
        next: way,
        durationMs: 6.31,
      },
      { id: way, kind: 'assign', assigned: { Medium: way }, next: `to-${way}`, durationMs: 0.01 },
      { id: `to-${way}`, kind: 'routeTo', durationMs: 0.01 },
    ],
    routedTo: target,
    endedAt: `to-${way}`,
    data: { ...data, Medium: way, ...(got.parameters ? { contact: got.parameters } : {}) },
  };
}
