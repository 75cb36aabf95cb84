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
  ],
};
