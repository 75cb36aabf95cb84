import { afterAll, expect, it } from '@jest/globals';
import { ModuleCache } from '../../src/plugin-loading/index.js';
import { file, removeFolders } from '../support/files.js';

afterAll(removeFolders);

// That changed code is loaded is shown where there are module hooks: test/end-to-end/dev.test.ts.

it('the import of a module that never finishes times out', async () => {
  const modules = new ModuleCache(1);
  const entry = file('index.mjs', 'await new Promise(() => undefined);\nexport default 1;\n');
  await expect(modules.import(entry)).rejects.toThrow('timed out after 1 ms');
});
