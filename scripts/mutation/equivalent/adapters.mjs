export const EQUIVALENT = {
  'src/adapters/esp/connection.ts': [
    {
      code: "this.#line('warn', 'no ReferenceId', `${name} has no ReferenceId and cannot be answered`);",
      from: "'no ReferenceId'",
      why: 'a kind of log line only has to differ from the others',
    },
  ],
  'src/adapters/esp/esp-adapter.ts': [
    {
      code: 'const ms = Math.min(this.#context.limits.firstRequestMs / 10, CHECK_MS);',
      from: '10',
      to: '11',
      why: 'about a tenth will do',
    },
  ],
  'src/adapters/http/server.ts': [
    {
      code: "log.ofConnection('warn', 'HTTP unread', peerOf(socket), text);",
      from: "'HTTP unread'",
      why: 'a kind of log line only has to differ from the others',
    },
  ],
};
