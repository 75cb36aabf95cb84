import type { z } from 'zod';

/** The application that the host runs as, as in the contact centre's configuration. */
export class Application {
  readonly name: string;
  /** The number of its application type: 171 for Digital Messaging Server. */
  readonly type: number;
  readonly tenant: string;
  /** Whether the host answers requests that name another application (`lenient`) or faults them (`strict`). */
  readonly addressing: 'lenient' | 'strict';

  constructor(settings: { name: string; type: number; tenant: string; addressing: 'lenient' | 'strict' }) {
    this.name = settings.name;
    this.type = settings.type;
    this.tenant = settings.tenant;
    this.addressing = settings.addressing;
  }
}

/** A channel of config.yaml. */
export interface Channel<Settings = unknown> {
  readonly name: string;
  readonly type: string;
  /** E.164. */
  readonly phoneNumber?: string | undefined;
  /** The whole channel, as parsed by the schema of its type. */
  readonly settings: Settings;
  /**
   * The error for mistakes in the channel that no schema can find, such as a name that an upstream does not know. Its
   * message has a line `file:line:column: key message` for each. Throw it from `start`, or log it as a warning.
   */
  problem(...mistakes: readonly ChannelMistake[]): Error;
}

/** A mistake in a channel of config.yaml. */
export interface ChannelMistake {
  /** The keys that lead from the channel to the value: `['provider', 'url']`. */
  readonly path: readonly PropertyKey[];
  /** What is wrong with the value, and what to write instead. It follows the name of the key. */
  readonly message: string;
}

/** A form in which channels were written before. It is read for a while, with a warning. */
export interface FormerChannel<Settings = unknown> {
  /** Whether a channel of config.yaml is written in this form. */
  matches(given: unknown): boolean;
  /** Parses a whole channel, and returns the settings that the present form has. */
  readonly schema: z.ZodType<Settings>;
  /** What to write instead. */
  warning(given: unknown): ChannelMistake;
}

/** What config.yaml says beside the channels, for their warnings. */
export interface ChannelHost {
  /** It has `listeners.webhooks`. */
  readonly receivesWebhooks: boolean;
  /** It has `state`. */
  readonly keepsState: boolean;
  /** Of the plugin that brings the channel type, as parsed by its schema. */
  readonly options: unknown;
}

/** What `defineChannel` takes beside the schema. */
export interface ChannelTypeOptions<Settings> {
  /** An older form that is still read. @default none */
  readonly former?: FormerChannel<Settings>;
  /**
   * Settings that work now, but will stop working, or have no effect in this host. The log, `check` and `doctor` show it with
   * file, line and column.
   */
  warnings?(settings: Settings, host: ChannelHost): Iterable<ChannelMistake>;
}

/** A type of channel that a plugin brings. Made by {@link defineChannel}. */
export interface ChannelType<S extends z.ZodType = z.ZodType> {
  /** As `type` in config.yaml names it. */
  readonly type: string;
  /** Parses a whole channel of this type. */
  readonly schema: S;
  readonly former?: FormerChannel | undefined;
  warnings?(settings: unknown, host: ChannelHost): Iterable<ChannelMistake>;
}

/** The schema of the form in which a channel is written. */
export const channelSchema = ({ schema, former }: ChannelType, given: unknown): z.ZodType =>
  former?.matches(given) ? former.schema : schema;

/** Settings that work now, but will stop working, or have no effect in this host. */
export function channelWarnings(
  type: ChannelType,
  given: unknown,
  settings: unknown,
  host: ChannelHost,
): ChannelMistake[] {
  const former = type.former?.matches(given) ? [type.former.warning(given)] : [];
  return [...former, ...(type.warnings?.(settings, host) ?? [])];
}

/** The settings of a channel: typed where its type is known, `unknown` where only its name is. */
export type ChannelSettings<C> = C extends ChannelType<infer S> ? z.output<S> : unknown;

/**
 * Defines a type of channel by the schema of its entries in config.yaml. The literal `type` of the schema names it.
 *
 * @example
 * const smsChannel = defineChannel(z.strictObject({ type: z.literal('sms'), sender: e164() }));
 */
export function defineChannel<S extends z.ZodObject<{ readonly type: z.ZodLiteral<string> }>>(
  schema: S,
  { former, warnings }: ChannelTypeOptions<z.output<S>> = {},
): ChannelType<S> {
  return {
    type: schema.shape.type.value,
    schema,
    former,
    // The host passes only settings that one of the two schemas has parsed.
    ...(warnings === undefined ? {} : { warnings: (settings, host) => warnings(settings as z.output<S>, host) }),
  };
}

/** DMS names a channel's option section with this prefix; strategies may send the name with it. */
const SECTION_PREFIX = 'channel-';

/** A channel's name without the prefix of DMS. */
export const bareChannelName = (name: string): string =>
  name.startsWith(SECTION_PREFIX) ? name.slice(SECTION_PREFIX.length) : name;

/** The channels of the configuration. */
export class Channels {
  readonly #all: readonly Channel[];
  readonly #byName: ReadonlyMap<string, Channel>;

  constructor(channels: readonly Channel[]) {
    this.#all = channels;
    this.#byName = new Map(channels.map((channel) => [bareChannelName(channel.name), channel]));
  }

  /**
   * All channels, or those of one type, in the order of the configuration.
   * @param type a channel type, or its name; the settings are typed for a channel type
   */
  list<C extends string | ChannelType>(type: C): readonly Channel<ChannelSettings<C>>[];
  list(): readonly Channel[];
  list(type?: string | ChannelType): readonly Channel[] {
    if (type === undefined) return this.#all;
    const name = typeof type === 'string' ? type : type.type;
    return this.#all.filter((channel) => channel.type === name);
  }

  /** The channel of this name; the prefix `channel-` is ignored. */
  find(name: string): Channel | undefined {
    return this.#byName.get(bareChannelName(name));
  }
}
