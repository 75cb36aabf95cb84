import { afterEach, describe, expect, it } from '@jest/globals';
import { type Channel, Channels, Metrics, type State, type z } from 'esp-host';
import { type FakeReply, fakeHttp, type LogLine } from 'esp-host/testing';
import got from 'got';
import { messagingOptions, type WhatsAppSettings, whatsAppChannel } from '../../../plugins/messaging/config/index.js';
import { InviteToChat } from '../../../plugins/messaging/invite-to-chat.js';
import { ValidateContact } from '../../../plugins/messaging/validate-contact.js';
import { WhatsAppChannels } from '../../../plugins/messaging/whatsapp-channels.js';
import { methodDefinition } from '../../../src/host/method.js';
import { Records, StateFile } from '../../../src/state/index.js';
import { CapturedLogger } from '../../../src/testing/captured-logger.js';
import { until } from '../../support/eventually.js';
import { APPROVED, cloudChannel, graphError, messages, SENT, templates, WELCOME } from './cloud/setting.js';

const INDIA = '+919876543210';
const NUMBER = '+16315551002';
const USER_ID = 'US.13491208655302741918';

const PLAN = { type: 'whatsapp', phoneNumber: INDIA, api: { driver: 'none' }, contacts: { from: 'number-plan' } };
const GATEWAY = { ...PLAN, api: { driver: 'gateway', url: 'http://a', apiKey: 'k' } };
const EVIDENCE = { ...cloudChannel(), contacts: { from: 'evidence' } };

let open: WhatsAppChannels | undefined;
afterEach(() => open?.close());

const channelOf = (name: string, settings: WhatsAppSettings): Channel<WhatsAppSettings> => ({
  ...{ name, type: 'whatsapp', phoneNumber: settings.phoneNumber, settings },
  problem: () => new Error('not used'),
});

async function start(given: Readonly<Record<string, object>>, replies: readonly FakeReply[] = [], state?: State) {
  const logs: LogLine[] = [];
  const metrics = new Metrics();
  const all = Object.entries(given).map(([name, values]) => {
    const { schema, former } = whatsAppChannel;
    const form = 'api' in values ? schema : former?.schema;
    return channelOf(name, form?.parse(values) as WhatsAppSettings);
  });
  const channels = new Channels(all);
  const http = fakeHttp(replies);
  const logger = new CapturedLogger(logs);
  const options = messagingOptions.parse({});
  const opened = new WhatsAppChannels(channels, options, http.over(got), logger, metrics, state);
  open = opened;
  await opened.start();
  const of = (name: string) => {
    const channel = all.find((one) => one.name === name);
    if (channel === undefined) throw new Error(`no channel ${name}`);
    return opened.of(channel);
  };
  const invite = (name: string, to: string) =>
    of(name).invitations.send({ to, id: undefined, referenceId: 7, unless: new AbortController().signal });
  const warnings = () => logs.map(({ level, message, fields }) => [level, message, fields.channel]);
  return { all, http, invite, logs, metrics, of, opened, warnings };
}

const records = () => new Records(StateFile.inMemory(), 'messaging');

describe('the channels', () => {
  it('say at the start what they cannot do', async () => {
    const invitations = { templates: { welcome: WELCOME } };
    const former = { type: 'whatsapp', phoneNumber: INDIA, contacts: { driver: 'number-plan' }, invitations };
    const { warnings } = await start({ plan: PLAN, unused: { ...PLAN, invitations }, former, gateway: GATEWAY });
    const checks = 'checks whether a number can exist, not whether it is on WhatsApp';
    const unused = 'invitations.templates are unused:';
    expect(warnings()).toEqual([
      ['warn', `channel plan: contacts.from number-plan ${checks}`, 'plan'],
      ['warn', `channel unused: contacts.from number-plan ${checks}`, 'unused'],
      ['warn', `channel unused: ${unused} api.driver none sends no messages`, 'unused'],
      ['warn', `channel former: contacts.driver number-plan ${checks}`, 'former'],
      ['warn', `channel former: ${unused} contacts.driver number-plan sends no messages`, 'former'],
      ['warn', `channel gateway: contacts.from number-plan ${checks}`, 'gateway'],
    ]);
  });

  it('are those that were open at the start', async () => {
    const { opened, all } = await start({ plan: PLAN });
    const [plan] = all;
    expect(plan && opened.of(plan).phoneNumber).toBe(INDIA);
    const other = channelOf('other', whatsAppChannel.schema.parse(PLAN));
    expect(() => opened.of(other)).toThrow(new TypeError('channel other is not open'));
  });

  it('have their metrics from the start', async () => {
    const { metrics } = await start({ one: PLAN, two: cloudChannel() }, [templates(APPROVED)]);
    const text = await metrics.text();
    for (const name of ['one', 'two']) expect(text).toContain(`esp_contacts_unreliable_total{channel="${name}"} 0\n`);
    const sent = [...text.matchAll(/^esp_invitations_total{channel="(\w+)",outcome="(\w+)"} 0$/gm)];
    expect(sent.map(([, name, outcome]) => [name, outcome])).toEqual([
      ['two', 'sent'],
      ['two', 'not_sent'],
      ['two', 'unknown'],
    ]);
  });

  it('record invitations only over Cloud API, and with a state file', async () => {
    expect((await start({ cloud: cloudChannel() }, [templates(APPROVED)])).opened.fates).toBeUndefined();
    expect((await start({ plan: PLAN }, [], records())).opened.fates).toBeUndefined();
    const { invite, of, opened } = await start(
      { plan: PLAN, cloud: cloudChannel() },
      [templates(APPROVED), SENT],
      records(),
    );
    expect(opened.fates).toBeDefined();
    expect(await invite('cloud', NUMBER)).toBe('wamid.1');
    expect(await of('cloud').invitations.find('wamid.1')).toMatchObject({
      ...{ channel: 'cloud', to: NUMBER, template: 'welcome', referenceId: 7 },
      times: { accepted: expect.any(Number) },
    });
    expect(() => of('plan').invitations.find('wamid.1')).toThrow(/invitations are recorded only with api.driver cloud/);
  });

  it('keep evidence only if one decides by it', async () => {
    expect((await start({ cloud: cloudChannel() }, [templates(APPROVED)])).opened.evidence).toBeUndefined();
    expect((await start({ cloud: EVIDENCE }, [templates(APPROVED)])).opened.evidence).toBeDefined();
  });

  it('send to user ids only over Cloud API', async () => {
    const { of } = await start({ plan: PLAN, gateway: GATEWAY, cloud: cloudChannel() }, [templates(APPROVED)]);
    const recipients = ['plan', 'gateway', 'cloud'].map((name) => of(name).recipient(USER_ID));
    expect(recipients).toEqual([undefined, undefined, USER_ID]);
    expect(of('cloud').recipient('98765 43211')).toBe('+919876543211');
  });
});

describe('the refusal of an undeliverable message', () => {
  const refused = [templates(APPROVED), messages({ status: 400, json: graphError(131026) })];

  it('is evidence about a number, and none about a user id', async () => {
    const { invite, opened } = await start({ cloud: EVIDENCE }, refused, records());
    for (const to of ['+5215512345678', USER_ID]) await expect(invite('cloud', to)).rejects.toThrow('error 131026');
    await until(async () => (await opened.evidence?.read('+525512345678')) !== undefined);
    expect(await opened.evidence?.read('+525512345678')).toMatchObject({ kind: 'undeliverable' });
    expect(await opened.evidence?.read(USER_ID)).toBeUndefined();
  });

  it('that cannot be written is logged', async () => {
    const state = Object.assign(records(), { update: () => Promise.reject(new Error('full')) });
    const { invite, logs } = await start({ cloud: EVIDENCE }, refused, state);
    await expect(invite('cloud', NUMBER)).rejects.toThrow('error 131026');
    const message = 'channel cloud: evidence cannot be written: full';
    await until(() => logs.some((line) => line.message === message));
    expect(logs).toContainEqual({ level: 'warn', message, fields: { channel: 'cloud' } });
  });
});

it('the definitions of the methods say what they do', () => {
  const parameter = (method: typeof ValidateContact | typeof InviteToChat, name: string) =>
    (methodDefinition(method)?.parameters as z.ZodObject | undefined)?.shape[name]?.description;
  const country = "; without a leading plus, of the country of the channel's number";
  expect(parameter(ValidateContact, 'Id')).toBe(`The phone number${country}`);
  expect(parameter(InviteToChat, '_umsClientId')).toMatch(new RegExp(`^The customer.*${country}$`));
  expect(methodDefinition(ValidateContact)).toMatchObject({
    ...{ service: 'Messaging', method: 'ValidateContact' },
    description: 'Says whether a phone number uses WhatsApp.',
    warning: expect.stringMatching(
      /every number is reported as valid: remove the request from strategies that rely on it\.$/,
    ),
  });
  expect(methodDefinition(InviteToChat)).toMatchObject({
    ...{ service: 'ChatService', method: 'InviteToChat', idempotent: false },
    description: expect.stringMatching(/^Invites a customer to a chat: /),
  });
});
