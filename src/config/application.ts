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

export interface Channel {
  readonly name: string;
  readonly type: string;
  /** E.164. */
  readonly phoneNumber?: string | undefined;
  /** The whole channel, as parsed by the schema of the plugin that defines its type. */
  readonly settings: unknown;
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

  /** All channels, or those of one type, in the order of the configuration. */
  list(type?: string): readonly Channel[] {
    return type === undefined ? this.#all : this.#all.filter((channel) => channel.type === type);
  }

  /** The channel of this name; the prefix `channel-` is ignored. */
  find(name: string): Channel | undefined {
    return this.#byName.get(bareChannelName(name));
  }
}
