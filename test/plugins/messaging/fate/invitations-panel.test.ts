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

it('the page says why a message did not arrive', async () => {
  plugin = await testPlugin(messaging);
  const put = (id: string, parts: object) => {
    const fate = { channel: 'whatsapp', to: CUSTOMER, template: 'welcome', times: { requested: 1000 }, ...parts };
    return plugin.state.put(`invitation/${id}`, fate, { keepMs: 60_000, keys: ['invitations'] });
  };
  await put('a', { errors: [{ code: 131049, text: 'no' }, { code: 5 }], fault: 'status 400' });
  await put('b', { errors: [{ code: 131026 }] });
  await put('c', { errors: [], fault: 'status 400' });
  await put('d', { times: {} });
  const container = new Container();
  container.bind(PluginState).toConstantValue(plugin.state);
  const row = { channel: 'whatsapp', to: CUSTOMER, template: 'welcome', status: 'requested' };
  const begun = { ...row, requested: 1000, since: 1000, history: 'requested' };
  expect(await shown(container)).toEqual({
    invitations: [
      { ...row, id: 'd', since: 0, history: '' },
      { ...begun, id: 'c', why: 'status 400' },
      { ...begun, id: 'b', why: '131026' },
      { ...begun, id: 'a', why: '131049 no' },
    ],
  });
});

it('the page has the 200 newest invitations in a table', async () => {
  plugin = await testPlugin(messaging);
  const fate = { channel: 'whatsapp', to: CUSTOMER, template: 'welcome', times: { requested: 1000 } };
  for (let count = 0; count < 201; count++)
    await plugin.state.put(`invitation/${count}`, fate, { keepMs: 60_000, keys: ['invitations'] });
  const container = new Container();
  container.bind(PluginState).toConstantValue(plugin.state);
  const { invitations } = (await shown(container)) as { invitations: { id: string }[] };
  expect([invitations.length, invitations[0]?.id, invitations.at(-1)?.id]).toEqual([200, '200', '1']);
  const panel = (await messaging.panel?.())?.default(container);
  expect(panel).toMatchObject({
    title: 'Invitations',
    description: 'What became of the messages of ChatService.InviteToChat over Cloud API, as webhooks report it.',
    state: { method: 'GET', path: '', summary: 'The 200 newest invitations in the state, from their request on.' },
    sections: [{ title: 'Invitations' }],
  });
  expect(panel?.sections.map(({ fields, table }) => ({ fields, table }))).toEqual([
    {
      fields: [{ title: 'Warning', value: 'warning', as: 'warning' }],
      table: {
        rows: 'invitations',
        columns: [
          { title: 'Requested', value: 'requested', as: 'time' },
          { title: 'ReferenceId', value: 'referenceId' },
          { title: 'To', value: 'to' },
          { title: 'Template', value: 'template', as: 'code' },
          { title: 'Status', value: 'status', as: 'state', good: ['accepted', 'sent', 'delivered', 'read'] },
          { title: 'Since', value: 'since', as: 'time' },
          { title: 'History', value: 'history' },
          { title: 'Reason', value: 'why' },
          { title: 'Channel', value: 'channel' },
          { title: 'Id of WhatsApp', value: 'messageId', as: 'code' },
          { title: 'Id', value: 'id', as: 'code' },
        ],
        search: true,
        empty: 'No invitations yet.',
      },
    },
  ]);
});

it('the page says what is missing without a state file', async () => {
  plugin = await testPlugin(messaging);
  expect(await shown(new Container())).toEqual({
    warning: 'invitations are recorded only with api.driver cloud and a state: set state',
    invitations: [],
  });
});
