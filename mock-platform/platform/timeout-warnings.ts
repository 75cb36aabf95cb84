import { ConfigError, type LoadedFile, loadConfig, loadYaml, type Problem } from '#server';
import type { PlatformConfig } from '../configuration/index.js';
import { strategySchema } from '../strategies/index.js';
import { lenientEnvironment } from './world.js';

/**
 * Timeouts that contradict each other. A block has to wait longer than Interaction Server, and Interaction Server longer
 * than the host: otherwise a client gives up on a request that is still answered.
 */

const KEY = 'third-party-server-timeout';

const timeoutOf = ({ config }: LoadedFile<PlatformConfig>): number | undefined => config.interactionServer.options[KEY];

/** A warning if Interaction Server does not wait longer than the host. None while config.yaml is invalid. */
export function serverTimeoutWarnings(
  platform: LoadedFile<PlatformConfig>,
  config: string | undefined,
): readonly Problem[] {
  const timeoutMs = timeoutOf(platform);
  const hasHost = platform.config.applications.some(({ address }) => address === 'host');
  if (timeoutMs === undefined || config === undefined || !hasHost) return [];
  const deadlineMs = deadlineOf(config);
  if (deadlineMs === undefined || timeoutMs > deadlineMs) return [];
  const message =
    `is ${timeoutMs} ms, and limits.deadlineMs of ${config} is ${deadlineMs} ms: Interaction Server gives up before ` +
    `the host answers; write ${Math.floor(deadlineMs / 1000) + 1} s or more, or a deadline below ${timeoutMs}`;
  return platform.problem(['interactionServer', 'options', KEY], message).problems;
}

function deadlineOf(config: string): number | undefined {
  try {
    return loadConfig(config, lenientEnvironment()).config.limits.deadlineMs;
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** A warning for each step of a valid strategy that does not wait longer than Interaction Server. */
export function blockTimeoutWarnings(strategy: string, platform: LoadedFile<PlatformConfig>): readonly Problem[] {
  const serverMs = timeoutOf(platform);
  if (serverMs === undefined) return [];
  const loaded = loadYaml(strategy, strategySchema);
  return loaded.config.steps.flatMap(({ externalService }, index) => {
    if (externalService === undefined || externalService.timeoutMs > serverMs) return [];
    const message =
      `is ${externalService.timeoutMs} ms, and ${KEY} of ${platform.file} is ${serverMs} ms: the block gives up before ` +
      `Interaction Server answers; write more than ${serverMs}`;
    return loaded.problem(['steps', index, 'externalService', 'timeoutMs'], message).problems;
  });
}
