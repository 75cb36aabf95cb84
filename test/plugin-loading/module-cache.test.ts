import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { ModuleCache } from '../../src/plugin-loading/index.js';
import { file, folder, removeFolders } from '../support/files.js';

afterEach(() => {
  jest.useRealTimers();
});
afterAll(removeFolders);

// That Node then loads the new code is shown where there are module hooks: test/end-to-end/dev.test.ts.

describe('a module', () => {
  /** A plugin of two files, whose imports are counted. */
  function plugin() {
    const home = folder();
    const [entry, part] = [file('index.js', 'one', home), file('part.js', 'one', home)];
    const imports: { stale: readonly string[] }[] = [];
    let broken = false;
    const modules = new ModuleCache(1000, async (given, files, stale) => {
      files.file(given);
      if (broken) throw new Error('broken');
      files.folder(join(home, 'lib'));
      files.file(part);
      imports.push({ stale });
      return { number: imports.length, has: [files.has(given), files.has(part), files.has(join(home, 'lib'))] };
    });
    const setBroken = (now: boolean): void => {
      broken = now;
    };
    return { modules, entry, part, imports, setBroken };
  }

  it('is imported once while its files stay the same', async () => {
    const { modules, entry, part } = plugin();
    const first = await modules.import(entry);
    expect(first).toEqual({ number: 1, has: [true, true, false] });
    writeFileSync(part, 'one');
    expect(await modules.import(entry)).toBe(first);
  });

  it('is imported again when one of its files has changed or gone', async () => {
    const { modules, entry, part, imports } = plugin();
    await modules.import(entry);
    writeFileSync(part, 'two');
    expect(await modules.import(entry)).toMatchObject({ number: 2 });
    expect(await modules.import(entry)).toMatchObject({ number: 2 });
    rmSync(part);
    expect(await modules.import(entry)).toMatchObject({ number: 3 });
    expect(await modules.import(entry)).toMatchObject({ number: 3 });
    const both = new Set([entry, part]);
    expect(imports.map(({ stale }) => new Set(stale))).toEqual([new Set(), both, both]);
  });

  it('whose import fails is imported again, and its files from before stay stale', async () => {
    const { modules, entry, part, imports, setBroken } = plugin();
    await modules.import(entry);
    writeFileSync(entry, 'wrong');
    setBroken(true);
    await expect(modules.import(entry)).rejects.toThrow('broken');
    await expect(modules.import(entry)).rejects.toThrow('broken');
    setBroken(false);
    expect(await modules.import(entry)).toMatchObject({ number: 2 });
    expect(new Set(imports.at(-1)?.stale)).toEqual(new Set([entry, part]));
  });

  it('that changes as it is imported counts as changed', async () => {
    const entry = file('index.js', 'one');
    let imports = 0;
    const modules = new ModuleCache(1000, async (given, files) => {
      files.file(given);
      if (++imports === 1) writeFileSync(given, 'two');
      files.file(given);
    });
    await modules.import(entry);
    await modules.import(entry);
    await modules.import(entry);
    expect(imports).toBe(2);
  });

  it('makes its files and folders known, even if its import fails', async () => {
    const { modules, entry, part, setBroken } = plugin();
    setBroken(true);
    await modules.import(entry).catch(() => undefined);
    expect(modules.watchedPaths).toEqual([entry]);
    setBroken(false);
    await modules.import(entry);
    expect(modules.watchedPaths).toEqual([entry, part, join(dirname(entry), 'lib')]);
  });
});

describe('an import that never finishes', () => {
  it('times out', async () => {
    const modules = new ModuleCache(1);
    const entry = file('index.mjs', 'await new Promise(() => undefined);\nexport default 1;\n');
    await expect(modules.import(entry)).rejects.toThrow('timed out after 1 ms');
  });

  it('times out after ten seconds unless configured', async () => {
    jest.useFakeTimers();
    const imported = new ModuleCache(undefined, () => new Promise(() => undefined)).import('/index.js');
    jest.advanceTimersByTime(10_000);
    await expect(imported).rejects.toThrow('timed out after 10000 ms');
  });
});
