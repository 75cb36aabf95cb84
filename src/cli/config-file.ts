import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { packageRoot } from './package-root.js';

/** `--config <file>`, the same in every command that reads one. */
export const configOption = (): Option => new Option('--config <file>', 'the configuration').default('config.yaml');

/** `--platform <file>`, the same in every command that starts the mock platform. */
export const platformOption = (): Option =>
  new Option('--platform <file>', 'the emulated contact centre around the host').default(
    existsSync(PLATFORM) ? PLATFORM : fileURLToPath(new URL(PLATFORM, packageRoot)),
    `${PLATFORM}, or else that of the package`,
  );

const PLATFORM = 'mock-platform/platform.yaml';
