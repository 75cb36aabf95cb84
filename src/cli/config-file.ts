import { Option } from 'commander';

/** `--config <file>`, the same in every command that reads one. */
export const configOption = (): Option => new Option('--config <file>', 'the configuration').default('config.yaml');

/** `--platform <file>`, the same in every command that starts the mock platform. */
export const platformOption = (): Option =>
  new Option('--platform <file>', 'the emulated contact centre around the host').default('mock-platform/platform.yaml');
