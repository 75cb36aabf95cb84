const COMPARED = 'a counter that is only compared with its own value of before';
const DRAINED = 'a millisecond is as short';

export const EQUIVALENT = {
  'src/server/generation.ts': [
    {
      code: 'const connections = Math.max(2, Math.min(MONITOR_CONNECTIONS, descriptors.reserved >> 1));',
      from: '2',
      why: 'only matters to a process that may open at most 20 files',
    },
    { code: 'change.onUndo(() => running.endAdapter(adapter, 0));', from: '0', why: DRAINED },
    { code: 'change.onUndo(() => running.endHttp(http, 0));', from: '0', why: DRAINED },
  ],
  'src/server/prepare.ts': [
    {
      code: 'one.plugins.every(({ definition }, index) => definition === other.plugins[index]?.definition);',
      from: 'other.plugins[index]?.definition',
      why: 'for the types: equal services have as many plugins',
    },
  ],
  'src/server/running-parts.ts': [
    {
      code: 'const finished = work.finally(() => this.#finishing.delete(finished));',
      from: 'this.#finishing.delete(finished)',
      why: 'keeps work that has ended from taking memory',
    },
  ],
  'src/server/server.ts': [
    {
      code: "if (this.#current === undefined) throw new Error('the server has not started');",
      why: 'for the types: `start` returns a server only once it has started',
    },
  ],
  'src/server/watched-files.ts': [
    {
      code: "found === undefined ? '' : [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ');",
      from: "' '",
      why: 'the time of a change differs in any case',
    },
    { code: '#changes = 0;', why: COMPARED },
    { code: 'this.#changes++;', from: 'this.#changes++', to: 'this.#changes--', why: COMPARED },
  ],
};
