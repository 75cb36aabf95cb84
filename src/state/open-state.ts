import type { RedisSettings } from '../redis/index.js';
import { RedisState, type RedisStateOptions } from './redis-state.js';
import { StateFile } from './state-file.js';
import type { StateStore } from './store.js';

/** `state` of config.yaml: it has one of both. */
export interface StateSettings {
  readonly file?: string | undefined;
  readonly redis?: RedisSettings | undefined;
}

export interface OpenStateOptions extends Pick<RedisStateOptions, 'logger' | 'metrics'> {
  /** For a command beside hosts. A host has a file for itself, and starts without its server. @default false */
  readonly isCommand?: boolean;
}

/** Opens the state that a configuration names. @throws StateError */
export function openState(settings: StateSettings, options: OpenStateOptions): Promise<StateStore> {
  const { isCommand = false } = options;
  const { file = '', redis } = settings;
  if (redis === undefined) return StateFile.open(file, { isShared: isCommand });
  return RedisState.open(redis, { ...options, mustBeUp: isCommand });
}
