import { describe, expect, it } from '@jest/globals';
import {
  EspFault,
  EspRequest,
  faultIn,
  faultTo,
  type JsonEntry,
  type JsonMessage,
  type KeyValueEntry,
  KeyValueList,
  listFromJson,
  messageFromJson,
  messageToJson,
  responseTo,
} from '../../src/esp/index.js';
import { type Layout, layouts } from './layouts.js';

/** How responses and faults are laid out, and how a fault is read. */

const HOST_TYPE = 171;

const asked = (request: JsonEntry[] | null, referenceId: number | null = 7): EspRequest =>
  new EspRequest(messageFromJson({ messageId: 500, referenceId, request }));

const parameters = listFromJson([['Id', 'str', '+16315551002']]);
const fault = new EspFault(904, 'Messaging.ValidateContact incorrect Id: missing');

const SERVICE: JsonEntry[] = [
  ['Service', 'str', 'Messaging'],
  ['Method', 'str', 'ValidateContact'],
];

const response = (request: EspRequest, userData?: KeyValueList): JsonMessage =>
  messageToJson(responseTo(request, HOST_TYPE, parameters, userData));
const faulted = (request: EspRequest): JsonMessage => messageToJson(faultTo(request, HOST_TYPE, fault));

describe('a response', () => {
  it('has the ReferenceId of its request, and Version, AppType, Service, Method, Parameters', () => {
    expect(response(asked([['AppName', 'str', 'DMS'], ...SERVICE]))).toEqual({
      messageId: 501,
      referenceId: 7,
      request: [
        ['Version', 'str', '1.0'],
        ['AppType', 'int', 171],
        ['Service', 'str', 'Messaging'],
        ['Method', 'str', 'ValidateContact'],
        ['Parameters', 'list', [['Id', 'str', '+16315551002']]],
      ],
      userData: null,
    });
  });

  it('has UserData only if the method sets it', () => {
    expect(response(asked(SERVICE), listFromJson([['k', 'str', 'v']])).userData).toEqual([['k', 'str', 'v']]);
    const withUserData = new EspRequest(
      messageFromJson({ messageId: 500, userData: [['k', 'str', 'v']], request: [] }),
    );
    expect(response(withUserData).userData).toBeNull();
  });

  it('to a request without ReferenceId has none', () => expect(response(asked(SERVICE, null)).referenceId).toBeNull());
});

describe('a fault', () => {
  it('has the same layout, FaultCode and FaultString as its Parameters, and never UserData', () => {
    const request = new EspRequest(messageFromJson({ messageId: 500, referenceId: 7, request: SERVICE, userData: [] }));
    expect(faulted(request)).toEqual({
      messageId: 502,
      referenceId: 7,
      request: [
        ['Version', 'str', '1.0'],
        ['AppType', 'int', 171],
        ['Service', 'str', 'Messaging'],
        ['Method', 'str', 'ValidateContact'],
        [
          'Parameters',
          'list',
          [
            ['FaultCode', 'str', '904'],
            ['FaultString', 'str', 'Messaging.ValidateContact incorrect Id: missing'],
          ],
        ],
      ],
      userData: null,
    });
  });

  it.each([
    ['no Request list', null],
    ['no Service and Method', []],
    ['a Service that is not a string', [['Service', 'int', 5]]],
  ] as [string, JsonEntry[] | null][])('has empty strings where the request has %s', (_what, request) => {
    const { request: list } = faulted(asked(request));
    expect(list?.slice(0, 4)).toEqual([
      ['Version', 'str', '1.0'],
      ['AppType', 'int', 171],
      ['Service', 'str', ''],
      ['Method', 'str', ''],
    ]);
  });
});

describe('AppType', () => {
  it.each([
    [['AppType', 'int', 64]],
    [['AppType', 'str', '171']],
    [['AppType', 'str', 'E-Mail Server Java']],
    [['AppType', 'utf16', 'SocialMS']],
    [['AppType', 'str', '']],
  ] as [JsonEntry][])('comes back as the request gave it: %j', (appType) => {
    const request = asked([appType, ...SERVICE]);
    expect([response(request).request?.[1], faulted(request).request?.[1]]).toEqual([appType, appType]);
  });
});

describe('strings', () => {
  const request = asked([
    ['AppType', 'str', 'SocialMS'],
    ['Service', 'utf16', 'Messaging'],
    ['Method', 'str', 'ValidateContact'],
  ]);

  it('are UTF-16 if the Service of the request was; values of the method are unchanged', () => {
    expect(response(request).request).toEqual([
      ['Version', 'utf16', '1.0'],
      ['AppType', 'str', 'SocialMS'],
      ['Service', 'utf16', 'Messaging'],
      ['Method', 'utf16', 'ValidateContact'],
      ['Parameters', 'list', [['Id', 'str', '+16315551002']]],
    ]);
  });

  it('of a fault too', () => {
    expect(faulted(request).request?.[4]).toEqual([
      'Parameters',
      'list',
      [
        ['FaultCode', 'utf16', '904'],
        ['FaultString', 'utf16', 'Messaging.ValidateContact incorrect Id: missing'],
      ],
    ]);
  });
});

describe('the layouts of real servers (captured)', () => {
  const pairs = layouts.flatMap((layout, index): [string, Layout, Layout][] => {
    const answer = layouts[index + 1];
    if (layout.from !== 'client' || answer === undefined) return [];
    return [
      [`${JSON.stringify(layout.request?.find(([key]) => key === 'Service'))} ${answer.messageId}`, layout, answer],
    ];
  });

  /** Key and type of each entry; of Parameters alone where `deep` those of its entries. */
  const shape = (list: readonly JsonEntry[] | null | undefined): string[] =>
    (list ?? []).map(([key, type]) => `${String(key)} ${type}`);

  it('are three', () => expect(pairs).toHaveLength(3));

  it.each(pairs)('%s: the same keys of the same kinds, in the same order', (_name, question, answer) => {
    const request = new EspRequest(messageFromJson(question));
    const reply = answer.messageId === 502 ? faulted(request) : response(request);
    expect(reply.messageId).toBe(answer.messageId);
    expect(reply.referenceId).toBe(answer.referenceId);
    expect(reply.userData).toEqual(answer.userData);
    const text = request.text;
    const ours = shape(reply.request).map((key) => (key === 'AppType int' ? `AppType ${text}` : key));
    expect(ours).toEqual(shape(answer.request));
  });

  it.each([
    [3, { code: 'InvalidServiceName', text: 'oops unknown method' }],
    [5, { code: '101', text: 'oops unknown method' }],
    [1, { code: '', text: '' }],
  ])('the fault of message %i is read', (index, expected) => {
    expect(faultIn(messageFromJson(layouts[index]))).toEqual(expected);
  });

  it('the keys in the Parameters of a fault are those of E-mail Server', () => {
    const inner = (message: JsonMessage): unknown => message.request?.find(([key]) => key === 'Parameters')?.[2];
    const theirs = inner(layouts[3] as Layout);
    expect(shape(inner(faulted(asked(SERVICE))) as JsonEntry[])).toEqual(shape(theirs as JsonEntry[]));
  });
});

describe('the fault of a message', () => {
  const read = (request: JsonEntry[] | null): unknown => faultIn(messageFromJson({ messageId: 502, request }));
  const both: JsonEntry[] = [
    ['FaultCode', 'str', '904'],
    ['FaultString', 'utf16', 'wrong'],
  ];

  it.each([
    ['in Parameters', [['Parameters', 'list', both]], '904', 'wrong'],
    ['at the top of the list', both, '904', 'wrong'],
    ['one here, one there', [both[0], ['Parameters', 'list', [both[1]]]], '904', 'wrong'],
    [
      'in Parameters rather than at the top',
      [
        ['FaultCode', 'str', '1'],
        ['Parameters', 'list', both],
      ],
      '904',
      'wrong',
    ],
    ['at the top if Parameters is not a list', [['Parameters', 'str', ''], ...both], '904', 'wrong'],
    ['as an int', [['FaultCode', 'int', -5]], '-5', ''],
    [
      'as bytes',
      [
        ['FaultCode', 'bin', '393034'],
        ['FaultString', 'strx', 'efbbbf61ff'],
      ],
      '904',
      '\ufeffa\ufffd',
    ],
    [
      'as lists, which say nothing',
      [
        ['FaultCode', 'list', []],
        ['FaultString', 'list', both],
      ],
      '',
      '',
    ],
    ['nowhere', [], '', ''],
    ['without a Request list', null, '', ''],
  ] as [string, JsonEntry[] | null, string, string][])('stands %s', (_what, request, code, text) => {
    expect(read(request)).toEqual({ code, text });
  });

  it('is read out of bytes of any kind', () => {
    const entry: KeyValueEntry = { key: 'FaultCode', type: 'bin', value: Uint8Array.of(0x39, 0x30, 0x31) };
    const request = new KeyValueList([entry]);
    expect(faultIn({ messageId: 502, referenceId: 1, request, userData: undefined }).code).toBe('901');
  });

  it('is the one that faultTo wrote', () => {
    const message = faultTo(asked(SERVICE), HOST_TYPE, fault);
    expect(faultIn(message)).toEqual({ code: '904', text: 'Messaging.ValidateContact incorrect Id: missing' });
  });
});
