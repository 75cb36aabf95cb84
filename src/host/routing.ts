import type { Application, Channel, Channels } from '../config/index.js';
import {
  cutText,
  type EspFault,
  type EspRequest,
  faults,
  IncorrectParameterError,
  intOf,
  isApplicationType,
  type KeyValueList,
  textOf,
} from '../esp/index.js';
import { addressOf, type RationedLog } from '../telemetry/index.js';
import type { Client } from './exchange.js';

/** Checks which application a request is for. */
export class Addressing {
  readonly #warnings = new OncePerClient();

  constructor(
    private readonly application: Application,
    private readonly log: RationedLog,
  ) {}

  /** The fault for a request that names another application, or a warning in the log if addressing is lenient. */
  check(request: EspRequest, client: Client): EspFault | undefined {
    const other = otherApplication(request, this.application);
    if (other === undefined) return undefined;
    if (this.application.addressing === 'strict') return faults.unknownApplication(other);
    this.#warn(other, request, client);
    return undefined;
  }

  #warn(other: string, { referenceId }: EspRequest, client: Client): void {
    if (!this.#warnings.isFirst(client, other)) return;
    const { name } = this.application;
    const { peer } = client;
    const asked = cutText(other, NAME_MAX);
    this.log.write(
      'warn',
      'other application',
      addressOf(peer),
      () => `${name} answers a request for ${asked} (application.addressing: lenient)`,
      () => ({ referenceId, client: peer }),
    );
  }
}

/** Maximum characters, in a log line, of a name that a client sent. */
const NAME_MAX = 200;

/**
 * The application that a request names, if it is another one. AppName takes precedence over AppType. A request that names
 * neither is for whoever receives it.
 */
export function otherApplication(request: EspRequest, application: Application): string | undefined {
  const { appName } = request;
  if (appName !== undefined) return appName === application.name ? undefined : appName;
  const { appType } = request;
  if (appType === undefined) return undefined;
  const text = textOf(appType) ?? String(intOf(appType) ?? appType.type);
  return text === '' || isApplicationType(appType, application.type) ? undefined : text;
}

/** Maximum number of texts remembered per client, and of characters of each, as clients choose them. */
const TEXTS_MAX = 10;
const TEXT_MAX = 200;

/** Remembers which texts were seen from a client, for as long as the client exists. */
class OncePerClient {
  readonly #seen = new WeakMap<Client, Set<string>>();

  /** True for the first ten texts of a client, once each. */
  isFirst(client: Client, text: string): boolean {
    const seen = this.#seen.get(client) ?? new Set();
    this.#seen.set(client, seen);
    const head = cutText(text, TEXT_MAX);
    if (seen.size >= TEXTS_MAX || seen.has(head)) return false;
    seen.add(head);
    return true;
  }
}

/** The parameter in which strategies pass the channel that DMS put into the user data of an interaction. */
export const CHANNEL_PARAMETER = '_umsChannel';

/**
 * The channel of `type` that the parameters name. They may omit it if exactly one channel of that type is configured.
 * @returns an IncorrectParameterError for a name that leads to no such channel
 * @throws IncorrectParameterError if the name is not a string
 */
export function channelOf(
  parameters: KeyValueList,
  channels: Channels,
  type: string,
): Channel | IncorrectParameterError {
  const name = parameters.string(CHANNEL_PARAMETER);
  const configured = channels.list(type);
  if (name === undefined || name === '') {
    const [only] = configured;
    if (only !== undefined && configured.length === 1) return only;
    return new IncorrectParameterError(CHANNEL_PARAMETER, `needed, ${configured.length} channels are configured`);
  }
  const channel = channels.find(name);
  if (channel === undefined || channel.type !== type) {
    return new IncorrectParameterError(CHANNEL_PARAMETER, `no channel '${name}'`);
  }
  return channel;
}
