import { afterEach, expect, it } from '@jest/globals';
import { Container, PluginState } from 'esp-host';
import { type TestedPlugin, testPlugin } from 'esp-host/testing';
import messaging from '../../../../plugins/messaging/index.js';
import { ASKED, CUSTOMER, cloudPlugin, METHOD, SENT, templates } from '../cloud/setting.js';

let plugin: TestedPlugin;
afterEach(() => plugin.stop());

async function shown(container: Container): Promise<unknown> {
  const imported = await messaging.panel?.();
  const { state } = imported?.default(container) ?? {};
  const answer = await state?.handle({ params: {}, body: {} });
  return state?.answer.parse(answer);
}

it('the page of the console shows each invitation from its request on', async () => {
  plugin = await cloudPlugin([templates(), SENT]);
  await plugin.call(METHOD, ASKED);
  const container = new Container();
  container.bind(PluginState).toConstantValue(plugin.state);
  await plugin.call('ChatService.GetInvitation', { MessageId: 'wamid.1' });
  expect(await shown(container)).toEqual({
    invitations: [
      {
        id: expect.stringMatching(/^[a-p]{24}$/),
        requested: expect.any(Number),
        referenceId: 1,
        channel: 'whatsapp',
        to: CUSTOMER,
        template: 'welcome',
        status: 'accepted',
        since: expect.any(Number),
        history: 'requested, accepted',
        messageId: 'wamid.1',
      },
    ],
  });
});

it('the page shows the statuses in their order, though webhooks have only seconds', async () => {
  plugin = await testPlugin(messaging);
  const second = 1_764_300_000_000;
  const times = {
    requested: second + 300,
    accepted: second + 700,
    sent: second,
    read: second + 2000,
    failed: second + 1000,
  };
  const fate = { channel: 'whatsapp', to: CUSTOMER, template: 'welcome', times };
  await plugin.state.put('invitation/a', fate, { keepMs: 60_000, keys: ['invitations'] });
  const container = new Container();
  container.bind(PluginState).toConstantValue(plugin.state);
  expect(await shown(container)).toMatchObject({
    invitations: [{ history: 'requested, accepted, sent, failed, read', status: 'read' }],
  });
});

it('the page says what is missing without a state file', async () => {
  plugin = await testPlugin(messaging);
  expect(await shown(new Container())).toEqual({
    warning: 'invitations are recorded only with api.driver cloud and a state file: set state',
    invitations: [],
  });
});
