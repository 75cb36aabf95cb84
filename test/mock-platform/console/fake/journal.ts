import type {
  Summary as ApiSummary,
  Entry as Detail,
  JsonEntry as Entry,
  JsonMessage as Message,
} from '../../../../mock-platform/console/api/types.ts';
import { framed } from './frame.ts';
import { Random } from './random.ts';

/** A journal entry in the list; the details are made on demand. */
export type Summary = { -readonly [K in keyof ApiSummary]: ApiSummary[K] };

type Template = (random: Random) => Omit<Summary, 'id' | 'at' | 'client'>;

const NUMBERS = ['+1-631-555-1002', '+1 (516) 283-7151', '+54 9 11 5612-1008', '+16315551002'] as const;
const NAMES = ['Ada Lovelace', 'Jorge Luis Borges', 'Seán Ó Riada', '中村 花子', 'Łukasz Żak'] as const;

const plain = (number: string): string =>
  number.startsWith('+54') ? '+5491156121008' : number.replaceAll(/[^+\d]/g, '');

const dms = (random: Random) => ({
  application: 'DMS',
  appName: 'DMS',
  appType: '171',
  service: 'Messaging',
  method: 'ValidateContact',
  durationMs: random.latency(11),
  upstreamCalls: 1,
  ...(random.next() < 0.7 ? { via: 'interaction-server' } : {}),
});

const confirmed: Template = (random) => {
  const number = random.pick(NUMBERS);
  const known = random.next() < 0.8 ? number : `631555${1000 + random.below(9000)}`;
  return {
    ...dms(random),
    parameters: [
      ['_umsChannel', 'utf16', 'channel-chatbot'],
      ['Id', 'str', known],
    ],
    outcome: 'response',
    results: [['Id', 'str', known === number ? plain(number) : '']],
  };
};

const refused: Template = (random) => ({
  ...dms(random),
  durationMs: random.latency(0.3),
  upstreamCalls: 0,
  parameters: [['_umsChannel', 'utf16', 'channel-chatbot']],
  outcome: 'fault',
  faultCode: '904',
  faultText: 'Messaging.ValidateContact incorrect Id: missing',
  results: [],
});

const upstreamDown: Template = (random) => ({
  ...dms(random),
  durationMs: 5000 + random.latency(3),
  parameters: [['Id', 'str', random.pick(NUMBERS)]],
  outcome: 'fault',
  faultCode: '901',
  faultText: 'whatsapp connection with http://127.0.0.1:9090 failed',
  injectedFault: 'upstream-down',
  results: [],
});

const classified: Template = (random) => ({
  application: 'Classification Server',
  via: 'interaction-server',
  appType: 'Classification Server',
  service: 'Classify',
  method: 'Screen',
  durationMs: random.latency(2.4),
  upstreamCalls: 0,
  stub: 'screening rules',
  parameters: [
    ['Subject', 'utf16', 'Re: invoice 4711'],
    ['Body', 'utf16', 'Hello,\nmy invoice is wrong, please look at it.\n\nKind regards'],
    [
      'Customer',
      'list',
      [
        ['Name', 'utf16', random.pick(NAMES)],
        ['Segment', 'str', 'gold'],
        ['Since', 'int', 2009 + random.below(14)],
      ],
    ],
  ],
  outcome: 'response',
  results: [
    ['Category', 'str', 'Billing/Complaint'],
    ['Relevancy', 'int', 60 + random.below(40)],
  ],
});

const acknowledged: Template = (random) => ({
  application: 'E-mail Server',
  via: 'interaction-server',
  appName: 'E-mail Server',
  service: 'Email',
  method: 'Acknowledge',
  durationMs: random.latency(24),
  upstreamCalls: 0,
  stub: 'acknowledgement',
  parameters: [
    ['StandardResponseId', 'str', '00001a4BPC78'],
    ['Queue', 'str', 'inbound'],
    ['Copies', 'int', 0],
  ],
  outcome: 'response',
  results: [['InteractionId', 'str', `000${random.below(9000)}aQ`]],
});

const unanswered: Template = (random) => ({
  ...acknowledged(random),
  outcome: random.next() < 0.6 ? 'lost' : 'none',
  durationMs: null,
  injectedFault: 'drop-connection',
  results: [],
});

const unknown: Template = () => ({
  application: 'DMS',
  appName: 'DMS',
  service: 'ChatService',
  method: 'InviteToChat',
  durationMs: 0.21,
  upstreamCalls: 0,
  parameters: [
    ['_umsClientId', 'str', '+16315551002'],
    ['_umsBusinessId', 'str', '+919876543210'],
  ],
  outcome: 'fault',
  faultCode: '902',
  faultText: 'ChatService unknown service',
  results: [],
});

const TEMPLATES: readonly (readonly [share: number, template: Template])[] = [
  [0.62, confirmed],
  [0.8, classified],
  [0.9, acknowledged],
  [0.94, refused],
  [0.965, upstreamDown],
  [0.985, unknown],
  [1, unanswered],
];

const CLIENTS = ['127.0.0.1:50123', '127.0.0.1:50124', '127.0.0.1:41870', '127.0.0.1:60312'] as const;

/** A request at time `at`. */
export function makeSummary(id: number, at: number, random: Random): Summary {
  const share = random.next();
  const [, template] = TEMPLATES.find(([most]) => share < most) ?? [1, confirmed];
  return { id, at, client: random.pick(CLIENTS), ...template(random) };
}

/** `count` requests of the last `spanMs`, oldest first, in waves. */
export function makeJournal(count: number, now: number, spanMs = 15 * 60_000, seed = 7): Summary[] {
  const random = new Random(seed);
  const times = Array.from({ length: count }, () => {
    const wave = random.next() < 0.5 ? random.next() : 0.5 + 0.18 * (random.next() + random.next() - 1);
    return Math.round(now - 1500 - (1 - wave) * spanMs);
  }).sort((a, b) => a - b);
  return times.map((at, index) => makeSummary(index + 1, at, random));
}

/** The details of an entry. */
export function detailOf(summary: Summary, activeFaults: readonly string[] = []): Detail {
  const request = framed(requestMessage(summary));
  const reply = replyMessage(summary);
  return {
    ...summary,
    cause: causeOf(summary, activeFaults),
    request,
    reply: reply === undefined ? null : framed(reply),
    logs: logsOf(summary),
    upstream: upstreamOf(summary),
    ...(summary.faultCode === '902'
      ? { explanation: 'The nearest stub is “an invitation”: method is ‘InviteToChat’, not ‘Invite’' }
      : {}),
  };
}

function causeOf(summary: Summary, activeFaults: readonly string[]): Detail['cause'] {
  const { outcome, application, injectedFault, stub, faultCode, faultText = '', at, upstreamCalls } = summary;
  if (injectedFault !== undefined) {
    const text = `Injected fault fault-9: ${injectedFault}`;
    return {
      kind: 'injected',
      text,
      fault: { id: 'fault-9', since: at - 60_000, isOn: activeFaults.includes('fault-9') },
    };
  }
  if (stub !== undefined) return { kind: 'stub', text: `The stub '${stub}' of ${application} answered` };
  if (outcome === 'pending') return { kind: 'pending', text: `${application} has not answered yet` };
  if (faultCode === '904') return { kind: 'parameter', text: 'Parameter Id: missing' };
  if (faultCode === '902') return { kind: 'unknown', text: `Unknown to ${application}: ${faultText}` };
  if (outcome !== 'response' && outcome !== 'fault') {
    return { kind: 'connection', text: 'The client closed the connection' };
  }
  if (upstreamCalls === 0) return { kind: 'method', text: `${application} answered; no upstream call is known` };
  const how = outcome === 'response' ? 'answered 200' : 'failed: ECONNREFUSED';
  return { kind: 'upstream', text: `POST http://127.0.0.1:9090/v1/contacts ${how}`, call: 0 };
}

function header({ appName, appType, service, method }: Summary): Entry[] {
  const type: Entry[] =
    appType === undefined
      ? []
      : [['AppType', ...(/^\d+$/.test(appType) ? (['int', Number(appType)] as const) : (['str', appType] as const))]];
  const name: Entry[] = appName === undefined ? [] : [['AppName', 'str', appName]];
  return [['Version', 'str', '1.0'], ...name, ...type, ['Service', 'str', service], ['Method', 'str', method]];
}

const requestMessage = (summary: Summary): Message => ({
  messageId: 500,
  referenceId: summary.id + 1000,
  request: [...header(summary), ['Parameters', 'list', summary.parameters]],
  userData:
    summary.via === undefined
      ? null
      : [
          ['InteractionId', 'str', '00001a4BPC78M0XY'],
          ['MediaType', 'str', 'chat'],
          ['CustomerSegment', 'str', 'gold'],
          ['Thread', 'bin', '00ff7f8081'],
          ['Attempts', 'int', 2],
        ],
});

function replyMessage(summary: Summary): Message | undefined {
  const { outcome, results, faultCode = '', faultText = '', service, method, id } = summary;
  if (outcome !== 'response' && outcome !== 'fault') return undefined;
  const fault: Entry[] = [
    ['FaultCode', 'str', faultCode],
    ['FaultString', 'str', faultText],
  ];
  return {
    messageId: outcome === 'response' ? 501 : 502,
    referenceId: id + 1000,
    request: [
      ['Version', 'str', '1.0'],
      ['AppType', 'int', 171],
      ['Service', 'str', service],
      ['Method', 'str', method],
      ['Parameters', 'list', outcome === 'response' ? results : fault],
    ],
    userData: null,
  };
}

function logsOf({ outcome, at, durationMs, faultCode, faultText, id, client }: Summary): Detail['logs'] {
  if (outcome !== 'fault') return [];
  const level = faultCode === '904' ? 'info' : 'warn';
  const cause =
    faultCode === '901'
      ? [
          {
            at: at + 2,
            level: 'warn',
            message: 'whatsapp: connect ECONNREFUSED 127.0.0.1:9090',
            fields: { channel: 'whatsapp', attempt: 1 },
          },
        ]
      : [];
  return [
    ...cause,
    {
      at: at + (durationMs ?? 0),
      level,
      message: `fault ${faultCode}: ${faultText}`,
      fields: { referenceId: id + 1000, client },
    },
  ];
}

function upstreamOf({ upstreamCalls, outcome, at, durationMs, parameters, results }: Summary): Detail['upstream'] {
  if (upstreamCalls === 0) return [];
  const [, , id] = parameters.find(([key]) => key === 'Id') ?? [];
  const [, , found] = results[0] ?? [];
  const contact = found
    ? { input: id, status: 'valid', wa_id: String(found).slice(1) }
    : { input: id, status: 'invalid' };
  const call = {
    at: at + 1,
    method: 'POST',
    url: 'http://127.0.0.1:9090/v1/contacts',
    requestBody: JSON.stringify({ blocking: 'wait', contacts: [id], force_check: false }),
  };
  if (outcome !== 'response') {
    const failed = { error: 'connect ECONNREFUSED 127.0.0.1:9090', failure: 'ECONNREFUSED' };
    return [{ ...call, ...failed, durationMs: 5000 }];
  }
  return [
    {
      ...call,
      status: 200,
      durationMs: Math.max(0.2, (durationMs ?? 1) - 0.6),
      responseHeaders: { 'content-type': 'application/json' },
      responseBody: JSON.stringify({ contacts: [contact], meta: { api_status: 'stable', version: '2.41.3' } }),
      responseCut: true,
    },
  ];
}
