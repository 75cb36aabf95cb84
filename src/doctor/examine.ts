import { type Finding, Host, type PluginStartError } from '../host/index.js';
import type { Prepared } from '../server/index.js';
import { createLogger } from '../telemetry/index.js';
import { examineCertificates } from './certificates.js';
import { examineInteractionServer, type InteractionServerAddress } from './interaction-server.js';
import { examinePorts } from './ports.js';

export interface ExaminationOptions {
  readonly prepared: Prepared;
  /** Asked whether requests come to the host, where given. */
  readonly interactionServer?: InteractionServerAddress | undefined;
}

/** Looks down the whole chain of a config as it stands; finds without changing anything. */
export async function* examine({ prepared, interactionServer }: ExaminationOptions): AsyncGenerator<Finding> {
  yield* examineCertificates(prepared);
  yield* examinePorts(prepared);
  yield charsetOf(prepared);
  yield* examinePlugins(prepared);
  if (interactionServer !== undefined) yield* examineInteractionServer(prepared, interactionServer);
}

/** No program can know the charset of the other side: an operator can. */
function charsetOf({ loaded }: Prepared): Finding {
  const { charset } = loaded.config.listeners.esp;
  const text = `type 0 strings are ${charset}: Interaction Server and its clients must have the same`;
  return { about: 'listeners.esp.charset', state: 'good', text };
}

/** Starts the plugins, without a listener, and has each examine what it needs. */
async function* examinePlugins({ application, channels, plugins, loaded }: Prepared): AsyncGenerator<Finding> {
  const logger = createLogger({ level: 'error', format: 'text' });
  const host = new Host({ application, channels, plugins, limits: loaded.config.limits, logger });
  try {
    await host.start();
  } catch (error) {
    const advice = 'the plugin says what it misses; its options and channels are in the config';
    yield { about: 'plugins', state: 'trouble', text: (error as PluginStartError).message, advice };
    return;
  }
  try {
    const methods = host.methods.join(', ') || 'none';
    yield { about: 'plugins', state: 'good', text: `started, with the methods: ${methods}` };
    yield* host.check();
  } finally {
    await host.stop();
  }
}
