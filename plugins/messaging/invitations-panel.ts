import { mockPanel, mockRoute, type PluginPanel, PluginState, type State, type StoredRecord, z } from 'esp-host';
import { FATE_STATUSES, type Fate, type FateStatus, KEYS, recordId, statusOf } from './fate/index.js';
import { NOT_RECORDED } from './invitations.js';

/** Invitations on the page. The console shows as many rows. */
const SHOWN = 200;

const time = z.number().optional();

const answer = z.strictObject({
  warning: z.string().optional(),
  invitations: z.array(
    z.strictObject({
      id: z.string(),
      requested: time,
      referenceId: z.number().optional(),
      channel: z.string(),
      to: z.string(),
      template: z.string(),
      status: z.enum(FATE_STATUSES),
      since: time,
      /** Each status with its time, in the order in which it was reported. */
      history: z.string(),
      why: z.string().optional(),
      messageId: z.string().optional(),
    }),
  ),
});

/** The page of the console with the invitations in the state, from their request on. */
const panel: PluginPanel = (container) => {
  const state = container.isBound(PluginState) ? container.get(PluginState) : undefined;
  return mockPanel({
    title: 'Invitations',
    description: 'What became of the messages of ChatService.InviteToChat over Cloud API, as webhooks report it.',
    state: mockRoute({
      method: 'GET',
      path: '',
      summary: `The ${SHOWN} newest invitations in the state, from their request on.`,
      answer,
      handle: () => view(state),
    }),
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
};

export default panel;

async function view(state: State | undefined): Promise<z.input<typeof answer>> {
  if (state === undefined) return { warning: NOT_RECORDED, invitations: [] };
  const found = await state.find<Fate>(KEYS.all, { limit: SHOWN });
  return { invitations: found.map(rowOf) };
}

function rowOf({ id, value }: StoredRecord<Fate>): z.input<typeof answer>['invitations'][number] {
  const { channel, to, template, referenceId, messageId, times, errors, fault } = value;
  const { status, at } = statusOf(value);
  // Webhooks have seconds: a message that is sent at once has a time before its request.
  const secondOf = (one: FateStatus): number => Math.floor((times[one] ?? 0) / 1000);
  const reported = FATE_STATUSES.filter((one) => times[one] !== undefined);
  const [error] = errors ?? [];
  return {
    id: id.slice(recordId('').length),
    requested: times.requested,
    referenceId,
    channel,
    to,
    template,
    status,
    since: at,
    history: reported.sort((one, other) => secondOf(one) - secondOf(other)).join(', '),
    why: error === undefined ? fault : `${error.code} ${error.text ?? ''}`.trim(),
    messageId,
  };
}
