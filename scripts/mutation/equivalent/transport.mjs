export const EQUIVALENT = {
  'src/transport/buffer-budget.ts': [
    {
      code: 'if (more > 0) this.budget.relieve();',
      from: 'more > 0',
      to: 'more >= 0',
      why: 'without more there is nothing to relieve',
    },
    { code: 'stalled = 0;', from: '0', why: 'addresses are only compared with each other' },
  ],
  'src/transport/drain.ts': [
    {
      code: 'timer = setTimeout(() => afterPoll(run), Math.max(0, began + at - performance.now()));',
      from: '0',
      why: 'a timer of 0 ms is one of 1 ms',
    },
  ],
  'src/transport/esp-socket.ts': [
    {
      code: 'if (this.#bytesIn < SHOWN_BYTES) {',
      from: 'this.#bytesIn < SHOWN_BYTES',
      to: 'true',
      why: 'it then appends no bytes',
    },
    { code: '#brokenAt = 0;', why: 'set before it is read' },
    { code: 'const LONG_MS = 5;', from: '5', why: 'any few milliseconds will do' },
    {
      code: 'if (end - start <= LARGE_BYTES) {',
      from: 'end - start',
      why: 'a smaller message may give way, too, if it took long',
    },
  ],
  'src/transport/socket-writer.ts': [
    { code: 'const CAPACITY = 4096;', from: '4096', why: 'a buffer grows as it needs to' },
  ],
};
