import { beforeEach, describe, expect, it } from '@jest/globals';
import { ApiError } from '../../../../mock-platform/console/api/api.js';
import type { FileContent } from '../../../../mock-platform/console/api/types.js';
import { FileSession, isConflict, isUnsaved } from '../../../../mock-platform/console/editor/file-session.js';
import { drafts } from '../../../../mock-platform/console/state/drafts.js';

/** A file on the disk, whose digest is its text. */
class Disk {
  text = 'one';

  file = async (id: string): Promise<FileContent> => ({
    file: { id, path: 'mail.yaml', kind: 'stubs', owners: ['Mail'], problems: [] },
    ...{ text: this.text, digest: this.text, schema: {} },
  });

  checkFile = async (_id: string, text: string) => ({
    problems: text === 'bad' ? [{ file: 'mail.yaml', line: 1, column: 1, message: 'bad' }] : [],
  });

  saveFile = async (_id: string, { text, digest }: { readonly text: string; readonly digest: string }) => {
    if (text === 'bad') throw new ApiError('mail.yaml:1:1: bad', 400);
    if (digest !== this.text) throw new ApiError('has changed', 409);
    this.text = text;
    return { digest: text };
  };
}

describe('an open file', () => {
  let disk: Disk;
  let session: FileSession;

  beforeEach(async () => {
    drafts.set({});
    disk = new Disk();
    session = new FileSession('f1', disk);
    await session.load();
  });

  const shown = (of = session) => {
    const { text, problem } = of.state.value;
    return { text, unsaved: isUnsaved(of.state.value), conflict: isConflict(of.state.value), problem };
  };
  const clean = { unsaved: false, conflict: false, problem: undefined };

  it('is saved', async () => {
    expect(shown()).toEqual({ ...clean, text: 'one' });
    session.edit('two');
    expect([shown(), drafts.value]).toEqual([
      { ...clean, text: 'two', unsaved: true },
      { f1: { text: 'two', digest: 'one' } },
    ]);
    expect(await session.save()).toBe(true);
    expect([shown(), drafts.value, disk.text]).toEqual([{ ...clean, text: 'two' }, {}, 'two']);
  });

  it('follows the disk while nothing is unsaved', async () => {
    disk.text = 'theirs';
    await session.load();
    expect(shown()).toEqual({ ...clean, text: 'theirs' });
  });

  it('has no draft once the text is as before', () => {
    session.edit('two');
    session.edit('one');
    expect([shown(), drafts.value]).toEqual([{ ...clean, text: 'one' }, {}]);
  });

  it.each([
    ['noticed before', true],
    ['noticed when saving', false],
  ])('that has changed on the disk is a conflict, %s', async (_when, loads) => {
    session.edit('mine');
    disk.text = 'theirs';
    if (loads) await session.load();
    else expect(await session.save()).toBe(false);
    expect([shown(), disk.text]).toEqual([{ ...clean, text: 'mine', unsaved: true, conflict: true }, 'theirs']);
    expect(await session.save()).toBe(false);
    expect(disk.text).toBe('theirs');
  });

  it('ends a conflict with either version', async () => {
    session.edit('mine');
    disk.text = 'theirs';
    await session.load();
    session.takeDisk();
    expect([shown(), drafts.value]).toEqual([{ ...clean, text: 'theirs' }, {}]);
    session.edit('mine again');
    disk.text = 'theirs again';
    await session.load();
    expect(await session.keepOwn()).toBe(true);
    expect([shown(), disk.text]).toEqual([{ ...clean, text: 'mine again' }, 'mine again']);
  });

  it('is no conflict if both made the same change', async () => {
    session.edit('same');
    disk.text = 'same';
    await session.load();
    expect(shown()).toEqual({ ...clean, text: 'same' });
  });

  it('with mistakes is not saved', async () => {
    session.edit('bad');
    expect(await session.check('bad')).toHaveLength(1);
    expect(session.state.value.problems).toHaveLength(1);
    expect(await session.save()).toBe(false);
    expect(shown()).toMatchObject({ unsaved: true, conflict: false, problem: 'mail.yaml:1:1: bad' });
    expect(await session.check('other')).toEqual([]);
    expect(session.state.value.problems).toHaveLength(1); // not of the shown text
  });

  it('continues the draft of an earlier page', async () => {
    drafts.set({ f1: { text: 'draft', digest: 'one' } });
    const next = new FileSession('f1', disk);
    await next.load();
    expect(shown(next)).toEqual({ ...clean, text: 'draft', unsaved: true });
    drafts.set({ f1: { text: 'draft', digest: 'zero' } });
    const late = new FileSession('f1', disk);
    await late.load();
    expect(shown(late)).toEqual({ ...clean, text: 'draft', unsaved: true, conflict: true });
  });
});
