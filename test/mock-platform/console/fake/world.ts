import type {
  Configuration,
  FaultKind,
  Status,
  Stub,
  StubRequest,
} from '../../../../mock-platform/console/api/types.ts';

/** The data of the fake platform: the types of the admin API, with realistic values. */

const METHODS: Status['methods'] = [
  {
    service: 'Messaging',
    method: 'ValidateContact',
    application: 'DMS',
    channelType: 'whatsapp',
    description: 'Checks whether a phone number uses WhatsApp.',
    warning:
      'From WhatsApp Business API client 2.43 on, every number is reported as valid: remove the request from strategies that rely on it.',
    parameters: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        Id: {
          type: 'string',
          pattern: '\\p{Nd}',
          description: 'The phone number; without a leading plus, of the country of the number that the channel has',
        },
      },
      required: ['Id'],
    },
    response: { type: 'object', properties: { Id: { type: 'string' } }, required: ['Id'] },
  },
  {
    service: 'Billing',
    method: 'FindInvoices',
    application: 'DMS',
    description: 'Invoices of an account.',
    parameters: {
      type: 'object',
      properties: {
        Account: { type: 'string', description: 'The number of the account' },
        Currency: { type: 'string', enum: ['EUR', 'USD', 'INR'], default: 'EUR' },
        Most: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
        State: { type: 'array', items: { type: 'string' }, description: 'Open, paid, overdue; default: all' },
        Customer: {
          type: 'object',
          description: 'The caller',
          properties: { Name: { type: 'string' }, Since: { type: 'integer' } },
          required: ['Name'],
        },
      },
      required: ['Account', 'Customer'],
    },
    response: { type: 'object', properties: { Invoice: { type: 'array', items: { type: 'string' } } } },
  },
];

export const status = (address: string, startedAt: number): Status => ({
  application: { name: 'DMS', type: 171, typeName: 'SocialMS' },
  addresses: {
    host: '127.0.0.1:7120',
    interactionServer: '127.0.0.1:7110',
    ledger: 'http://127.0.0.1:9090',
    console: address,
  },
  startedAt,
  methods: METHODS,
});

export const configuration = (now: number): Configuration => ({
  applications: [
    { name: 'DMS', type: 171, typeName: 'SocialMS', address: '127.0.0.1:7120', connected: true, kind: 'host' },
    {
      name: 'Classification Server',
      type: 90,
      typeName: 'Classification Server',
      address: '127.0.0.1:39411',
      connected: true,
      kind: 'stubs',
    },
    {
      name: 'E-mail Server',
      type: 64,
      typeName: 'E-Mail Server Java',
      address: '127.0.0.1:39412',
      connected: true,
      kind: 'stubs',
    },
    {
      name: 'UCS',
      type: 63,
      typeName: 'Contact Server',
      address: 'ucs.lab.example:7106',
      connected: false,
      kind: 'remote',
    },
  ],
  types: [
    { number: 22, name: 'Third Party Application' },
    { number: 23, name: 'Third Party Server' },
    { number: 59, name: 'Chat Server' },
    { number: 63, name: 'Contact Server' },
    { number: 64, name: 'E-Mail Server Java' },
    { number: 90, name: 'Classification Server' },
    { number: 111, name: 'Interaction Server' },
    { number: 171, name: 'SocialMS' },
  ],
  channels: [
    {
      name: 'whatsapp',
      type: 'whatsapp',
      phoneNumber: '+919876543210',
      driver: 'on-premises',
      url: 'http://127.0.0.1:9090',
    },
    { name: 'chatbot', type: 'whatsapp', phoneNumber: '+353861234567', driver: 'number-plan' },
  ],
  upstreams: [
    { name: 'whatsapp', url: 'http://127.0.0.1:9090', kind: 'mock' },
    { name: 'billing', url: 'http://127.0.0.1:9092', kind: 'stubs' },
  ],
  connections: [
    {
      id: 1,
      peer: '127.0.0.1:50123',
      to: 'interaction-server',
      since: now - 5_400_000,
      addp: { timeoutMs: 30_000 },
      messagesIn: 6120,
      messagesOut: 6117,
    },
    {
      id: 2,
      peer: '127.0.0.1:41870',
      to: 'interaction-server',
      since: now - 210_000,
      addp: null,
      messagesIn: 84,
      messagesOut: 84,
    },
    {
      id: 3,
      peer: 'interaction-server',
      to: 'host',
      since: now - 5_400_000,
      addp: { timeoutMs: 10_000 },
      messagesIn: 4810,
      messagesOut: 4810,
    },
    {
      id: 4,
      peer: 'interaction-server',
      to: 'Classification Server',
      since: now - 5_400_000,
      addp: null,
      messagesIn: 904,
      messagesOut: 904,
    },
  ],
});

export const FAULT_KINDS: readonly FaultKind[] = [
  {
    kind: 'delay',
    description: 'Delays the answer.',
    match: true,
    upstream: false,
    settings: {
      type: 'object',
      properties: {
        delayMs: { type: 'integer', minimum: 0, description: 'The delay' },
        jitterMs: { type: 'integer', minimum: 0, default: 0, description: 'A random extra delay of up to this' },
      },
      required: ['delayMs'],
    },
  },
  {
    kind: 'fault',
    description: 'Replies with a fault of your choice.',
    match: true,
    upstream: false,
    settings: {
      type: 'object',
      properties: {
        code: { type: 'integer', description: 'FaultCode' },
        text: { type: 'string', description: 'FaultString' },
      },
      required: ['code', 'text'],
    },
  },
  {
    kind: 'no-reply',
    description: 'Accepts the request and never replies.',
    match: true,
    upstream: false,
    settings: { type: 'object', properties: {} },
  },
  {
    kind: 'drop-connection',
    description: 'Closes the connection.',
    match: true,
    upstream: false,
    settings: {
      type: 'object',
      properties: { when: { type: 'string', enum: ['before-reply', 'half-a-frame'], default: 'before-reply' } },
    },
  },
  {
    kind: 'wrong-reference',
    description: 'Replies with a ReferenceId that matches no request.',
    match: true,
    upstream: false,
    settings: { type: 'object', properties: {} },
  },
  {
    kind: 'upstream-down',
    description: 'An upstream is unreachable, or returns an error.',
    match: false,
    upstream: true,
    settings: {
      type: 'object',
      properties: { status: { type: 'integer', description: 'HTTP status; omitted: no connection' } },
    },
  },
];

export const STUBS: readonly Stub[] = [
  {
    id: 's1',
    application: 'Classification Server',
    name: 'screening rules',
    hits: 1807,
    definition: {
      name: 'screening rules',
      match: { service: 'Classify', method: 'Screen', parameters: { Subject: { pattern: 'invoice' } } },
      answer: { parameters: { Category: 'Billing/Complaint', Relevancy: 87 } },
    },
  },
  {
    id: 's2',
    application: 'Classification Server',
    name: 'slow on Mondays',
    scenario: 'load',
    hits: 0,
    definition: {
      name: 'slow on Mondays',
      scenario: 'load',
      match: { service: 'Classify', state: 'busy' },
      answers: [
        { parameters: { Category: 'Unknown' }, delayMs: 4000 },
        { fault: { code: 920, text: 'overloaded' }, state: '' },
      ],
    },
  },
  {
    id: 's3',
    application: 'E-mail Server',
    name: 'acknowledgement',
    hits: 998,
    definition: {
      name: 'acknowledgement',
      match: { service: 'Email', method: 'Acknowledge', parameters: { StandardResponseId: { present: true } } },
      answer: { parameters: { InteractionId: '{{userData.InteractionId}}' } },
    },
  },
  {
    id: 's4',
    upstream: 'billing',
    name: 'balance of a good customer',
    hits: 12,
    definition: {
      name: 'balance of a good customer',
      match: { method: 'POST', path: '/v1/balance', json: { account: '17' } },
      answer: { json: { balance: '12.50' } },
    },
  },
];

export const UNMATCHED: readonly StubRequest[] = [
  {
    upstream: 'billing',
    at: 1_790_000_000_000,
    method: 'POST',
    path: '/v1/balance',
    unmatched:
      "no stub matched; the nearest was 'balance of a good customer' (POST /v1/balance): json.account is '18', not '17'",
  },
];
