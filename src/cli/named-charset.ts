import { type Charset, charset } from '../wire/index.js';
import { CommandFailed } from './command-failed.js';

/** What `--charset` names. @throws CommandFailed */
export function namedCharset(name: string): Charset {
  try {
    return charset(name);
  } catch (error) {
    throw new CommandFailed((error as Error).message);
  }
}
