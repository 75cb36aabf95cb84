import { Option } from 'commander';

/** `--config <file>`, the same in every command that reads one. */
export const configOption = (): Option => new Option('--config <file>', 'the configuration').default('config.yaml');
