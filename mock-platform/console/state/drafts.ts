import { kept } from './store.js';

/** The text of a file that is not saved yet. */
export interface Draft {
  readonly text: string;
  /** Of the version of the file that the text was made from. */
  readonly digest: string;
}

/** The unsaved texts by the id of the file. */
export const drafts = kept<Readonly<Record<string, Draft>>>('drafts', {});

/** Keeps or forgets (undefined) the draft of a file. */
export function keepDraft(id: string, draft: Draft | undefined): void {
  drafts.update((all) => {
    if (draft === undefined && !(id in all)) return all;
    const { [id]: _before, ...others } = all;
    return draft === undefined ? others : { ...others, [id]: draft };
  });
}
