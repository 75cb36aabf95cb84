import { describe, expect, it } from '@jest/globals';
import { LogLines } from '../support/log-lines.js';

const jsonOf = (log: LogLines): unknown[] =>
  log.lines.map((line) => {
    const { timestamp, ...rest } = JSON.parse(line);
    expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    return rest;
  });

describe('a line', () => {
  it('shows three digits of a phone number, in its message, its fields and its stack', () => {
    for (const format of ['text', 'json'] as const) {
      const log = new LogLines('info', format);
      const error = new Error('no +16315551002');
      log.logger.info('asked for +16315551002', {
        number: '+1-631-555-1002',
        answer: { contacts: [{ input: '16315551002' }] },
        stack: error.stack,
      });
      const text = log.lines.join('\n');
      expect(text.match(/002/g)).toHaveLength(4);
      expect(text).not.toMatch(/631|555/);
    }
  });

  it('does not change ReferenceIds, times and addresses', () => {
    const log = new LogLines('info', 'json');
    const fields = { referenceId: 2147483647, client: '192.168.100.200:50123', expires: '2026-11-30T10:00:00Z' };
    log.logger.info('as it is', fields);
    expect(jsonOf(log)).toEqual([{ level: 'info', message: 'as it is', ...fields }]);
  });
});

describe('a reconfigured logger', () => {
  it('uses its new level, format and masking at once, as do its children', () => {
    const log = new LogLines('warn');
    const child = log.logger.child({ plugin: 'x' });
    child.info('not yet');
    expect(child.enabled('info')).toBe(false);
    log.logger.configure({ level: 'debug', format: 'json', phoneNumbers: 'shown' });
    expect(child.enabled('debug')).toBe(true);
    child.debug('for +16315551002');
    expect(jsonOf(log)).toEqual([{ level: 'debug', message: 'for +16315551002', plugin: 'x' }]);
    log.logger.configure({ level: 'error', format: 'text' });
    child.warn('no more');
    child.error('for +16315551002');
    expect(log.lines[1]).toMatch(/ERROR for \+\*{8}002 plugin=x$/);
    expect(log.lines).toHaveLength(2);
  });
});
