import { Store } from './store.js';

/** The text of a file that is not saved yet. */
export interface Draft {
  readonly text: string;
  /** Of the version of the file that the text was made from. */
  readonly digest: string;
}

const KEY = 'esp-host.console.drafts';

/** The unsaved texts by the id of the file. They survive a reload of the page, and end with its tab. */
export const drafts = new Store<Readonly<Record<string, Draft>>>(saved());

drafts.watch(() => {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(drafts.value));
  } catch {
    // the browser may refuse: the drafts then end with the page
  }
});

function saved(): Readonly<Record<string, Draft>> {
  try {
    return (JSON.parse(sessionStorage.getItem(KEY) ?? '{}') ?? {}) as Readonly<Record<string, Draft>>;
  } catch {
    return {};
  }
}

/** Keeps or forgets (undefined) the draft of a file. */
export function keepDraft(id: string, draft: Draft | undefined): void {
  drafts.update((all) => {
    if (draft === undefined && !(id in all)) return all;
    const { [id]: _before, ...others } = all;
    return draft === undefined ? others : { ...others, [id]: draft };
  });
}
