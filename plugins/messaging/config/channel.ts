import {
  type Channel,
  type ChannelHost,
  type ChannelMistake,
  defineChannel,
  e164,
  type FormerChannel,
  z,
} from 'esp-host';
import { PhoneNumbers } from '../phone-numbers.js';
import { api, type CloudSettings, gateway, onPremises } from './api.js';
import { contacts, lookup } from './contacts.js';
import { versionWarning } from './graph-versions.js';
import { type InvitationSettings, invitations, misplacedKeys } from './invitations.js';
import type { MessagingOptions } from './options.js';

/** The keys of both forms of a channel. */
const common = {
  type: z.literal('whatsapp'),
  phoneNumber: e164().refine(PhoneNumbers.knows, 'must be a number that can exist: its country code and length do not'),
  invitations: invitations.optional(),
};

const schema = z.strictObject({ ...common, api, contacts }).superRefine(({ api, contacts, invitations }, context) => {
  const isOfCloud = api.driver === 'none' || api.driver === 'cloud';
  const wrong = (message: string): void =>
    context.addIssue({ code: 'custom', path: ['contacts', 'from'], message: `must be ${message}` });
  if (contacts.from === 'contacts-endpoint' && isOfCloud) {
    wrong(`evidence or number-plan with api.driver ${api.driver}, which has no contacts endpoint`);
  }
  if (contacts.from === 'evidence' && !isOfCloud) {
    wrong(`contacts-endpoint or number-plan with api.driver ${api.driver}: evidence comes from webhooks of Cloud API`);
  }
  checkTemplateKeys(invitations, api.driver, context);
});

/** The keys of templates depend on the API. Without one, either kind may be prepared. */
function checkTemplateKeys(
  invitations: InvitationSettings | undefined,
  driver: string,
  context: z.core.$RefinementCtx,
): void {
  if (driver === 'none') return;
  for (const [id, template] of Object.entries(invitations?.templates ?? {})) {
    for (const { path, message } of misplacedKeys(template, driver)) {
      context.addIssue({ code: 'custom', path: ['invitations', 'templates', id, ...path], message });
    }
  }
}

export type WhatsAppSettings = z.output<typeof schema> & {
  /** The channel is written in the former form. */
  readonly isFormer?: boolean;
};

/** The form before `api`: `contacts` had the keys of both. */
const formerSchema = z
  .strictObject({
    ...common,
    contacts: z.discriminatedUnion('driver', [
      onPremises.extend(lookup),
      gateway.extend(lookup),
      z.strictObject({ driver: z.literal('number-plan') }),
    ]),
  })
  .superRefine(({ contacts, invitations }, context) => {
    checkTemplateKeys(invitations, contacts.driver === 'number-plan' ? 'none' : contacts.driver, context);
  })
  .transform(({ contacts, ...rest }): WhatsAppSettings => {
    if (contacts.driver === 'number-plan') {
      return { ...rest, api: { driver: 'none' }, contacts: { from: 'number-plan' }, isFormer: true };
    }
    const { whenAlwaysValid, batch, cache, limits, ...server } = contacts;
    const from = 'contacts-endpoint';
    return { ...rest, api: server, contacts: { from, whenAlwaysValid, batch, cache, limits }, isFormer: true };
  });

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const CONTACTS_KEYS = Object.keys(lookup);

/** What to write instead of `contacts` with these keys. */
function presentForm(driver: string, keys: readonly string[]): string {
  if (driver === 'number-plan') return 'api: { driver: none } and contacts: { from: number-plan }';
  const kept = keys.filter((key) => CONTACTS_KEYS.includes(key));
  const moved = keys.filter((key) => key !== 'driver' && !kept.includes(key));
  const from = ['from: contacts-endpoint', ...kept].join(', ');
  return `api: { ${[`driver: ${driver}`, ...moved].join(', ')} } and contacts: { ${from} }`;
}

const former: FormerChannel<WhatsAppSettings> = {
  matches: (given) =>
    isMapping(given) && given.api === undefined && isMapping(given.contacts) && 'driver' in given.contacts,
  schema: formerSchema,
  warning(given) {
    const { contacts } = given as { readonly contacts: { readonly driver: string } };
    const instead = presentForm(contacts.driver, Object.keys(contacts));
    const message = `is read for one more minor version: instead of contacts, write ${instead}`;
    return { path: ['contacts', 'driver'], message };
  },
};

/** Since when the On-Premises API is gone, and what to do. */
const ON_PREMISES_ENDED =
  'on-premises has been dead since 23 October 2025, when the last API client expired: it sends nothing; write cloud, or gateway for a provider that kept /v1';

function* warnings(settings: WhatsAppSettings, host: ChannelHost): Generator<ChannelMistake> {
  const { api, contacts, isFormer } = settings;
  if (contacts.from === 'evidence') yield* evidenceWarnings(settings, host);
  else yield* webhookWarnings(settings, host);
  if (api.driver === 'cloud') {
    yield* knownSecrets(api);
    const warning = versionWarning(api.version, Date.now());
    if (warning !== undefined) yield { path: ['api', 'version'], message: warning };
    if (settings.invitations !== undefined && !host.keepsState) yield { path: ['invitations'], message: NOT_RECORDED };
  }
  if (api.driver === 'on-premises')
    yield { path: isFormer ? ['contacts', 'driver'] : ['api', 'driver'], message: ON_PREMISES_ENDED };
}

/** The secrets in the shipped config.yaml and platform.yaml are for the mock platform: anyone could forge webhooks with them. */
function* knownSecrets(api: CloudSettings): Generator<ChannelMistake> {
  if (LOOPBACK.test(URL.parse(api.url)?.hostname ?? '')) return;
  for (const key of ['appSecret', 'verifyToken'] as const) {
    if (api[key]?.reveal() !== 'secret') continue;
    yield { path: ['api', key], message: 'is that of the mock platform, so anyone can send webhooks: set your own' };
  }
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

const NOT_RECORDED = 'are not recorded, so ChatService.GetInvitation answers fault 920: set state';

/** Where the evidence of a channel is kept, and where it comes from. Another host may do both through Redis. */
function* evidenceWarnings({ api }: WhatsAppSettings, host: ChannelHost): Generator<ChannelMistake> {
  const { sharedState } = host.options as MessagingOptions;
  if (sharedState !== undefined) return;
  const path = ['contacts', 'from'];
  if (!host.keepsState) {
    const message =
      'keeps evidence in memory alone, and forgets it with a restart or reload: set state, or sharedState';
    yield { path, message };
  }
  if (api.driver !== 'cloud') return;
  const missing = host.receivesWebhooks
    ? api.appSecret === undefined
      ? 'api.appSecret'
      : undefined
    : 'listeners.webhooks';
  if (missing !== undefined) yield { path, message: `gets no evidence from webhooks: set ${missing}` };
}

/** A channel whose webhooks do not arrive, or are refused. Another host may take them, if there is one. */
function* webhookWarnings({ api }: WhatsAppSettings, host: ChannelHost): Generator<ChannelMistake> {
  if (api.driver !== 'cloud') return;
  if (host.receivesWebhooks) {
    if (api.appSecret === undefined)
      yield { path: ['api'], message: 'has no appSecret, so the webhooks of this channel are refused: set it' };
    return;
  }
  const { sharedState } = host.options as MessagingOptions;
  if (api.appSecret === undefined || sharedState !== undefined) return;
  const message = 'has no effect, as this host receives no webhooks: set listeners.webhooks';
  yield { path: ['api', 'appSecret'], message };
}

/** A channel of type `whatsapp`. */
export const whatsAppChannel = defineChannel(schema, { former, warnings });

/** A channel of config.yaml of type `whatsapp`. */
export type ConfiguredChannel = Channel<WhatsAppSettings>;
