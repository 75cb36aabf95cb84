import { describe, expect, it } from '@jest/globals';
import { Container, PluginState } from 'esp-host';
import { type Fate, KEYS, recordId } from '../../../plugins/messaging/fate/index.js';
import panel from '../../../plugins/messaging/invitations-panel.js';
import { Records, StateFile } from '../../../src/state/index.js';

const CHANNEL = { channel: 'whatsapp', to: '+16315551002', template: 'welcome' };

async function shown(...fates: readonly Fate[]) {
  const container = new Container();
  const state = new Records(StateFile.inMemory(), 'messaging');
  container.bind(PluginState).toConstantValue(state);
  for (const [index, fate] of fates.entries()) {
    await state.put(recordId(`id${index}`), fate, { keepMs: 60_000, keys: [KEYS.all] });
  }
  const { handle, answer } = panel(container).state;
  const found = await handle({ params: undefined, body: undefined });
  return answer.parse(found) as { warning?: string; invitations: Record<string, unknown>[] };
}

describe('the page of invitations', () => {
  it('has a table', () => {
    const { state, ...page } = panel(new Container());
    expect(state).toMatchObject({
      ...{ method: 'GET', path: '' },
      summary: 'The 200 newest invitations in the state, from their request on.',
    });
    expect(page).toEqual({
      title: 'Invitations',
      description: 'What became of the messages of ChatService.InviteToChat over Cloud API, as webhooks report it.',
      sections: [
        {
          title: 'Invitations',
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
      ],
    });
  });

  it('warns that nothing is recorded without a state', async () => {
    expect(await panel(new Container()).state.handle({ params: undefined, body: undefined })).toEqual({
      warning: 'invitations are recorded only with api.driver cloud and a state: set state',
      invitations: [],
    });
  });

  it('has a row per invitation, the newest first', async () => {
    const first = { ...CHANNEL, referenceId: 7, messageId: 'wamid.1', times: { requested: 1000, accepted: 1500 } };
    const { warning, invitations } = await shown(first, { ...CHANNEL, times: { requested: 2000 } });
    expect(warning).toBeUndefined();
    expect(invitations).toEqual([
      { ...CHANNEL, id: 'id1', requested: 2000, status: 'requested', since: 2000, history: 'requested' },
      {
        ...{ ...CHANNEL, id: 'id0', requested: 1000, referenceId: 7, messageId: 'wamid.1' },
        ...{ status: 'accepted', since: 1500, history: 'requested, accepted' },
      },
    ]);
  });

  it('has the statuses in the order of their seconds', async () => {
    // Webhooks have seconds, and the request has milliseconds.
    const times = { requested: 5900, accepted: 5950, sent: 5000, read: 7000, delivered: 8000 };
    const { invitations } = await shown({ ...CHANNEL, times });
    expect(invitations).toMatchObject([
      { status: 'read', since: 7000, history: 'requested, accepted, sent, read, delivered' },
    ]);
  });

  it.each<[Partial<Fate>, string | undefined]>([
    [{ errors: [{ code: 131026, text: 'undeliverable' }, { code: 1 }], fault: 'no' }, '131026 undeliverable'],
    [{ errors: [{ code: 131026 }] }, '131026'],
    [{ errors: [], fault: 'not sent' }, 'not sent'],
    [{ fault: 'not sent' }, 'not sent'],
    [{}, undefined],
  ])('has a reason: %j', async (more, why) => {
    const { invitations } = await shown({ ...CHANNEL, times: { requested: 1, failed: 2 }, ...more });
    expect(invitations[0]?.why).toBe(why);
  });

  it('has the 200 newest', async () => {
    const fates = Array.from({ length: 201 }, (_, index) => ({ ...CHANNEL, times: { requested: index } }));
    const { invitations } = await shown(...fates);
    expect([invitations.length, invitations[0]?.id, invitations.at(-1)?.id]).toEqual([200, 'id200', 'id1']);
  });
});
