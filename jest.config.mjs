import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Tests run on the TypeScript sources as ES modules; `esp-host` is what a plugin imports. */
export default {
  testEnvironment: 'node',
  testSequencer: '<rootDir>/test/support/sequencer.mjs',
  roots: ['test', 'plugins']
    .filter((folder) => existsSync(new URL(folder, import.meta.url)))
    .map((folder) => `<rootDir>/${folder}`),
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest'] },
  moduleNameMapper: {
    '^esp-host$': '<rootDir>/src/index.ts',
    '^#server$': '<rootDir>/src/server/index.ts',
    '^#wire$': '<rootDir>/src/wire.ts',
    '^esp-host/client$': '<rootDir>/src/client.ts',
    '^esp-host/testing$': '<rootDir>/src/testing/index.ts',
    '^#mock-platform$': '<rootDir>/mock-platform/commands.ts',
    '^#messaging-mock$': '<rootDir>/plugins/messaging/mock/index.ts',
    '^esp-host/mock$': '<rootDir>/mock-platform/index.ts',
    '^(\\.{1,2}/.*(?<!\\.json))\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/plugins/.*/dist/'],
  // Tests wait for sockets and processes: two leave a quarter of two cores idle.
  maxWorkers: Math.max(3, availableParallelism()),
  // Modules of earlier files stay in a worker: it ends when they take more, as collecting them takes ever longer.
  workerIdleMemoryLimit: '1GB',
  // Above the patience of test/support/eventually.ts, which says what did not happen.
  testTimeout: 30_000,
};
