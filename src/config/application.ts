/** The application that the host runs as, as the configuration of a contact centre would have it. */
export class Application {
  readonly name: string;
  /** The number of its application type: 171 for Digital Messaging Server. */
  readonly type: number;
  readonly tenant: string;
  /** Whether a request that names another application is answered (`lenient`) or faulted (`strict`). */
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
  /** The whole channel, as the schema of the plugin that brings its type made it. */
  readonly settings: unknown;
}

/** DMS keeps a channel in an option section of this prefix, and strategies may hand it back with the name. */
const SECTION_PREFIX = 'channel-';

/** A channel's name without DMS's section prefix: what it is found by. */
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

  /** All of them, or those of one type, in the order of the configuration. */
  list(type?: string): readonly Channel[] {
    return type === undefined ? this.#all : this.#all.filter((channel) => channel.type === type);
  }

  /** The channel of this name, with or without the prefix `channel-` on either side. */
  find(name: string): Channel | undefined {
    return this.#byName.get(bareChannelName(name));
  }
}
