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
}

/** A type of channel that a plugin brings. Made by {@link defineChannel}. */
export interface ChannelType<S extends z.ZodType = z.ZodType> {
  /** As `type` in config.yaml names it. */
  readonly type: string;
  /** Parses a whole channel of this type. */
  readonly schema: S;
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
): ChannelType<S> {
  return { type: schema.shape.type.value, schema };
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
