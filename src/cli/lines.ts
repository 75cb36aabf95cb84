import { createReadStream } from 'node:fs';
import { CommandFailed } from './command-failed.js';

/**
 * The lines of a file, or of stdin (`-`), as they are read. Cuts at line feeds alone: JSON may hold the other line breaks
 * of Unicode as they are. @throws CommandFailed
 */
export async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  let rest: string[] = [];
  try {
    for await (const chunk of input.setEncoding('utf8') as AsyncIterable<string>) {
      const [first = '', ...more] = chunk.split('\n');
      rest.push(first);
      for (const next of more) {
        yield rest.join('');
        rest = [next];
      }
    }
  } catch (error) {
    throw new CommandFailed(`cannot read ${file}: ${(error as Error).message}`);
  }
  yield rest.join('');
}
