import { runProgram } from './program.js';

/** A reader of the output, such as `head`, may close it early. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

/** A closed pipe or a full disk must not end the process. */
process.stderr.on('error', () => undefined);

await runProgram(process.argv.slice(2));
