import { afterEach, expect, it } from '@jest/globals';
import { whatsAppChannel } from '../../../plugins/messaging/config/index.js';
import plugin from '../../../plugins/messaging/index.js';
import { type EspMessage, EspRequest } from '../../../src/esp/index.js';
import { TestHost } from '../../support/esp-host.js';
import { outcome, request } from '../../support/raw-client.js';
import { found, INDIA, Setting } from './setting.js';

const setting = new Setting();
afterEach(() => setting.end());

it('answers cached numbers synchronously', async () => {
  const api = await setting.api();
  const settings = whatsAppChannel.schema.parse({
    type: 'whatsapp',
    phoneNumber: INDIA,
    api: { driver: 'on-premises', url: api.url, username: 'admin', password: 'hush' },
    contacts: { from: 'contacts-endpoint' },
  });
  const channels = [{ name: 'whatsapp', type: 'whatsapp', phoneNumber: INDIA, settings }];
  const host = await TestHost.start({ plugins: [plugin], channels });
  try {
    const asked = new EspRequest(request(1, 'Messaging', 'ValidateContact', { Id: '+16315551002' }));
    const first = await new Promise<EspMessage>((reply) => {
      expect(host.host.dispatcher.dispatch(asked, { peer: 'test' }, reply)).toBeDefined();
    });
    expect(outcome(first)).toBe(found('+16315551002'));
    const replies: string[] = [];
    const reply = (message: EspMessage) => replies.push(outcome(message));
    expect(host.host.dispatcher.dispatch(asked, { peer: 'test' }, reply)).toBeUndefined();
    expect(replies).toEqual([found('+16315551002')]);
  } finally {
    await host.stop();
  }
});
