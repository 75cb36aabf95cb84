import { afterAll, expect, it } from '@jest/globals';
import { ChangingModules } from '../../src/host/index.js';
import { file, removeFolders } from '../support/files.js';

afterAll(removeFolders);

// That changed code is loaded is shown where there are module hooks: test/end-to-end/dev.test.ts.

it('a module that awaits forever is given up', async () => {
  const modules = new ChangingModules(1);
  const entry = file('index.mjs', 'await new Promise(() => undefined);\nexport default 1;\n');
  await expect(modules.import(entry)).rejects.toThrow('it was not done within 1 ms');
});
