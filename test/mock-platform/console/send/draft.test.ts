import { describe, expect, it } from '@jest/globals';
import type { Entry, JsonEntry, Method, SendRequest } from '../../../../mock-platform/console/api/types.js';
import {
  asForm,
  asRows,
  type Draft,
  doubts,
  draftOf,
  EMPTY_DRAFT,
  methodFields,
  methodOf,
  requestFrom,
  withMethod,
} from '../../../../mock-platform/console/send/draft.js';
import { appTypeFrom, maskedIn, requestOf } from '../../../../mock-platform/console/send/request.js';
import { summary } from '../summary.js';

const METHOD: Method = {
  service: 'Messaging',
  method: 'ValidateContact',
  application: 'DMS',
  channelType: 'whatsapp',
  parameters: { type: 'object', properties: { Id: { type: 'string' } }, required: ['Id'] },
  response: {},
};
const CHANNELS = [
  { name: 'whatsapp', type: 'whatsapp' },
  { name: 'sms', type: 'sms' },
];
const FIELDS = methodFields(METHOD, CHANNELS);

describe('the fields of a method', () => {
  it('include its channel, required if there are several', () => {
    expect(FIELDS.map(({ name }) => name)).toEqual(['Id', '_umsChannel']);
    expect(FIELDS[1]).toMatchObject({ choices: ['whatsapp'], required: false });
    expect(methodFields(METHOD, [...CHANNELS, { name: 'b', type: 'whatsapp' }])[1]).toMatchObject({ required: true });
  });

  it('include no channel for a method without one', () => {
    const { channelType: _, ...without } = METHOD;
    expect(methodFields(without, CHANNELS)).toHaveLength(1);
  });
});

describe('a draft', () => {
  const draft: Draft = { ...withMethod(EMPTY_DRAFT, METHOD, 'DMS'), values: { Id: '+1' } };

  it('becomes the request to send', () => {
    expect(requestFrom(draft, FIELDS)).toEqual({
      to: 'host',
      appName: 'DMS',
      service: 'Messaging',
      method: 'ValidateContact',
      parameters: [['Id', 'str', '+1']],
    });
    const more = { ...draft, appName: ' ', appType: '171', timeoutMs: '250', text: 'utf16' } as const;
    expect(requestFrom(more, FIELDS)).toMatchObject({
      appType: 171,
      timeoutMs: 250,
      parameters: [['Id', 'utf16', '+1']],
    });
    expect(requestFrom(more, FIELDS)).not.toHaveProperty('appName');
  });

  it('goes through Interaction Server for methods of other applications', () => {
    const stub = { ...METHOD, application: 'E-mail Server' };
    expect(withMethod(EMPTY_DRAFT, stub, 'DMS')).toMatchObject({ to: 'interaction-server', appName: 'E-mail Server' });
    expect(methodOf([METHOD, stub], { ...draft, appName: 'E-mail Server' })).toBe(stub);
    expect(methodOf([METHOD, stub], { ...draft, appName: 'Other' })).toBe(METHOD);
    expect(methodOf([METHOD], { service: 'Messaging', method: 'Other' })).toBeUndefined();
  });

  it('rejects an invalid timeout', () => {
    expect(() => requestFrom({ ...draft, timeoutMs: '1 s' }, FIELDS)).toThrow(
      "Timeout: '1 s' is not a number of milliseconds",
    );
  });

  it('converts between form and rows without loss', () => {
    const parameters: JsonEntry[] = [
      ['Id', 'str', '+1'],
      ['Raw', 'bin', '00'],
    ];
    const request: SendRequest = {
      to: 'interaction-server',
      service: 'Messaging',
      method: 'ValidateContact',
      parameters,
    };
    const form = draftOf(request, FIELDS);
    expect(form).toMatchObject({ mode: 'form', values: { Id: '+1' }, to: 'interaction-server' });
    expect(form.others).toMatchObject([{ key: 'Raw', type: 'bin', text: '00' }]);
    const rows = asRows(form, FIELDS);
    expect(rows.mode).toBe('rows');
    expect(requestFrom(rows, FIELDS).parameters).toEqual(parameters);
    expect(requestFrom(asForm(rows, FIELDS), FIELDS).parameters).toEqual(parameters);
  });

  it('stays rows for an unknown method, and keeps UserData and the text type', () => {
    const request: SendRequest = {
      to: 'host',
      service: 'Other',
      method: 'Thing',
      parameters: [['A', 'utf16', 'b']],
      userData: [['Segment', 'str', 'gold']],
    };
    const made = draftOf(request, undefined);
    expect(made).toMatchObject({ mode: 'rows', text: 'utf16' });
    expect(requestFrom(made, [])).toEqual(request);
  });

  it('warns about omitted values, and only then', () => {
    expect(doubts({ ...draft, values: {} }, FIELDS)).toEqual(['Id is required but omitted']);
    expect(doubts({ ...draft, to: 'interaction-server', appName: '' }, FIELDS)).toEqual([
      'Interaction Server routes by AppName or AppType, but both are omitted',
    ]);
    expect(doubts(draft, FIELDS)).toEqual([]);
  });
});

describe('a request from the journal', () => {
  const request: JsonEntry[] = [
    ['AppName', 'str', 'DMS'],
    ['AppType', 'str', 'SocialMS'],
    ['Service', 'utf16', 'Messaging'],
    ['Method', 'utf16', 'ValidateContact'],
    ['Parameters', 'list', [['Id', 'utf16', '+1']]],
  ];
  const entry = (change: Partial<Entry>): Entry => ({
    ...summary(),
    cause: { kind: 'method', text: '' },
    request: { message: { messageId: 500, referenceId: 7, request, userData: null }, hex: '', ranges: [] },
    reply: null,
    logs: [],
    upstream: [],
    ...change,
  });

  it('is sent again unchanged, the same way', () => {
    expect(requestOf(entry({}), 'DMS')).toEqual({
      to: 'host',
      appName: 'DMS',
      appType: 'SocialMS',
      service: 'Messaging',
      method: 'ValidateContact',
      parameters: [['Id', 'utf16', '+1']],
    });
    expect(requestOf(entry({ via: 'interaction-server' }), 'DMS').to).toBe('interaction-server');
    expect(requestOf(entry({ application: 'E-mail Server' }), 'DMS').to).toBe('interaction-server');
  });

  it('with an invalid message cannot be sent', () => {
    const broken = entry({ request: { message: null, hex: '', ranges: [] } });
    expect(() => requestOf(broken, 'DMS')).toThrow('Request 1 is not a valid message and cannot be sent from here');
  });
});

describe('an AppType', () => {
  it.each([
    ['171', 171],
    [' SocialMS ', 'SocialMS'],
    ['', undefined],
    ['12345678901', '12345678901'],
  ])('%j is %j', (text, type) => expect(appTypeFrom(text)).toBe(type));
});

describe('the parts of a draft', () => {
  const draft: Draft = { ...withMethod(EMPTY_DRAFT, METHOD, 'DMS'), values: { Id: '+1' } };

  it('offer the channel of a method as a choice that says when it is optional', () => {
    expect(FIELDS[1]).toEqual({
      name: '_umsChannel',
      kind: 'choice',
      required: false,
      choices: ['whatsapp'],
      description: 'The channel of the method; optional, because there is only one',
    });
    const several = methodFields(METHOD, [...CHANNELS, { name: 'b', type: 'whatsapp' }])[1];
    expect(several?.description).toBe('The channel of the method');
  });

  it('include the channel once if the method names it itself', () => {
    const parameters = { type: 'object', properties: { _umsChannel: { type: 'string' }, Id: { type: 'string' } } };
    expect(methodFields({ ...METHOD, parameters }, CHANNELS).map(({ name }) => name)).toEqual(['_umsChannel', 'Id']);
  });

  it('become one empty row for an empty form', () => {
    expect(asRows({ ...draft, values: {} }, FIELDS).rows).toMatchObject([{ key: '', type: 'str', text: '' }]);
    expect(asRows(draft, FIELDS).rows).toMatchObject([{ key: 'Id', text: '+1' }]);
  });

  it.each(['0', '-1', '1.5'])('reject %s as a timeout', (timeoutMs) =>
    expect(() => requestFrom({ ...draft, timeoutMs }, FIELDS)).toThrow(`Timeout: '${timeoutMs}' is not a number`),
  );

  it('have no warnings about a form while rows are sent, nor about a target with only an AppType', () => {
    expect(doubts({ ...draft, mode: 'rows', values: {} }, FIELDS)).toEqual([]);
    expect(doubts({ ...draft, to: 'interaction-server', appName: ' ', appType: '171' }, FIELDS)).toEqual([]);
    expect(doubts({ ...draft, to: 'interaction-server', appName: 'DMS', appType: ' ' }, FIELDS)).toEqual([]);
  });

  it('go through Interaction Server to a method of another application', () => {
    expect(withMethod(draft, { ...METHOD, application: 'E-mail Server' }, 'DMS')).toMatchObject({
      ...{ to: 'interaction-server', appName: 'E-mail Server', mode: 'form', values: {}, others: [] },
    });
    expect(withMethod(draft, METHOD, 'DMS').to).toBe('host');
  });
});

describe('a request from the journal, in parts', () => {
  const entryOf = (request: JsonEntry[] | null, userData: JsonEntry[] | null): Entry => ({
    ...summary(),
    cause: { kind: 'method', text: '' },
    request: { message: { messageId: 500, referenceId: 7, request, userData }, hex: '', ranges: [] },
    reply: null,
    logs: [],
    upstream: [],
  });

  it('keeps its UserData if it has any, and sends empty texts for omitted names', () => {
    const bare = { to: 'host', service: '', method: '', parameters: [] };
    expect(requestOf(entryOf([], []), 'DMS')).toEqual(bare);
    expect(requestOf(entryOf(null, null), 'DMS')).toEqual(bare);
    const userData: JsonEntry[] = [['Segment', 'str', 'gold']];
    expect(requestOf(entryOf([['AppType', 'list', []]], userData), 'DMS')).toEqual({ ...bare, userData });
  });
});

it('names the values that the journal masks', () => {
  const parameters: JsonEntry[] = [
    ['Name', 'str', 'Ann'],
    ['Login', 'list', [['Password', 'str', '***']]],
  ];
  expect(maskedIn({ parameters })).toEqual(['Login.Password']);
  expect(maskedIn({ parameters: [], userData: [['Token', 'utf16', '*****']] })).toEqual(['UserData.Token']);
});
