import { expect, it } from '@jest/globals';
import { CommandError, DumpError, ExitError, failCommand } from '../../src/cli/errors.js';

it.each([
  [new CommandError('no'), 'CommandError', 'ESP_CLI_COMMAND_FAILED', 'no'],
  [new DumpError('no'), 'DumpError', 'ESP_CLI_INVALID_DUMP', 'no'],
  [new ExitError('exit()'), 'ExitError', 'ESP_CLI_EXIT_CALLED', 'exit(): a plugin cannot end the process'],
])('%s has its name, code and message', (error, name, code, message) => {
  expect(error).toMatchObject({ name, code, message });
});

it('another error becomes that of the command, with its cause', () => {
  const cause = new Error('down');
  expect(() => failCommand(cause)).toThrow(expect.objectContaining({ name: 'CommandError', message: 'down', cause }));
});
