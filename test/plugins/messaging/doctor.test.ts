import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { startWhatsAppApi } from 'esp-host/mock';
import { loadConfig, prepare } from 'esp-host/server';
import { examine } from '../../../src/doctor/index.js';
import type { Finding } from '../../../src/host/index.js';
import { file, ROOT, removeFolders } from '../../support/files.js';
import { INVITATIONS, onPremises } from './setting.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(removeFolders);

/** The first finding about a channel. */
const about = async (channel: string): Promise<Finding | undefined> => (await findings(channel))[0];

/** What is found about a channel. */
async function findings(channel: string): Promise<Finding[]> {
  const lines = [
    'application: { name: DMS }',
    `channels: { whatsapp: ${channel} }`,
    `plugins: [{ use: ${ROOT}plugins/messaging }]`,
    'listeners: { esp: { port: 0 }, metrics: { enabled: false } }',
  ];
  const prepared = await prepare(loadConfig(file('config.yaml', lines.join('\n'))), { typescript: true });
  const found: Finding[] = [];
  for await (const one of examine({ prepared, interactionServer: undefined })) found.push(one);
  return found.filter((one) => one.about.startsWith('channel'));
}

describe('esp-host doctor: a channel', () => {
  const api = async (version: string): Promise<string> => {
    const started = await startWhatsAppApi({
      registeredNumber: '+919876543210',
      numbers: [],
      password: 'hush',
      version,
    } as never);
    ends.push(() => started.close());
    return started.url;
  };

  it('is good where the login is taken, with the version that answers', async () => {
    const url = await api('2.41.3');
    expect(await about(onPremises(url))).toEqual({
      about: 'channel whatsapp',
      state: 'good',
      text: `${url} takes the credentials and answers, version 2.41.3`,
    });
  });

  it('is a warning where every number is called valid', async () => {
    const url = await api('2.45.1');
    expect(await about(onPremises(url))).toMatchObject({
      state: 'warning',
      text: `${url} takes the credentials and answers, version 2.45.1: it calls every number valid`,
    });
  });

  it('is trouble where the login is refused, and the password stays secret', async () => {
    const url = await api('2.41.3');
    const channel = onPremises(url).replace('password: hush', 'password: hunter2');
    const finding = await about(channel);
    expect(finding).toMatchObject({ state: 'trouble' });
    expect(finding?.text).toMatch(/^whatsapp connection with .* failed: login refused: status 401/);
    expect(JSON.stringify(finding)).not.toContain('hunter2');
  });

  it('is trouble where nobody answers', async () => {
    const finding = await about(onPremises('http://127.0.0.1:1'));
    expect(finding).toMatchObject({ state: 'trouble', text: expect.stringMatching(/ECONNREFUSED/) });
  });

  it('is a warning where no API is asked', async () => {
    const channel = '{ type: whatsapp, phoneNumber: "+919876543210", contacts: { driver: number-plan } }';
    expect(await about(channel)).toMatchObject({ state: 'warning' });
    expect(await findings(channel)).toHaveLength(1);
  });

  it('is a warning where there are templates that no API sends', async () => {
    const contacts = 'contacts: { driver: number-plan }';
    const channel = `{ type: whatsapp, phoneNumber: "+919876543210", ${contacts}, invitations: ${INVITATIONS} }`;
    const all = await findings(channel);
    expect(all.at(-1)).toMatchObject({
      state: 'warning',
      text: 'invitations.templates are of no use: contacts.driver number-plan sends no messages',
      advice: expect.stringMatching(/on-premises or gateway/),
    });
  });
});
