import { Option } from 'commander';

/** `--config FILE`, the same in every command that reads one. */
export const configOption = (): Option => new Option('--config <file>', 'the configuration').default('config.yaml');
