import { ApiError, type api, messageOf } from '../api/api.js';
import type { FileContent, FileProblem } from '../api/types.js';
import { drafts, keepDraft } from '../state/drafts.js';
import { Store } from '../state/store.js';

export interface FileState {
  /** The file as it is on the disk; undefined until it is loaded. */
  readonly disk: FileContent | undefined;
  /** The version that the text was made from; `text` is undefined if only its digest is known. */
  readonly base: { readonly text: string | undefined; readonly digest: string } | undefined;
  readonly text: string;
  /** The mistakes in the text. */
  readonly problems: readonly FileProblem[];
  /** Why the file could not be loaded or saved. */
  readonly problem: string | undefined;
}

export const isUnsaved = ({ base, text }: FileState): boolean => base !== undefined && base.text !== text;

/** Whether the file changed on the disk after the edited version was read. */
export const isConflict = (state: FileState): boolean =>
  isUnsaved(state) && state.disk !== undefined && state.disk.digest !== state.base?.digest;

type FileApi = Pick<typeof api, 'file' | 'saveFile' | 'checkFile'>;

/** An open file: its text, the version on the disk, and what is unsaved. */
export class FileSession {
  readonly state = new Store<FileState>({
    disk: undefined,
    base: undefined,
    text: '',
    problems: [],
    problem: undefined,
  });

  constructor(
    readonly id: string,
    private readonly files: FileApi,
  ) {}

  /** Reads the file. Takes its text, unless something is unsaved. */
  async load(): Promise<void> {
    try {
      const disk = await this.files.file(this.id);
      this.state.update((state) => reconciled(this.#withDraft(state), disk));
    } catch (error) {
      this.#set({ problem: messageOf(error) });
    }
    this.#keepDraft();
  }

  edit(text: string): void {
    this.#set({ text });
    this.#keepDraft();
  }

  /** The mistakes in a text. */
  async check(text: string): Promise<readonly FileProblem[]> {
    const { problems } = await this.files.checkFile(this.id, text);
    if (this.state.value.text === text) this.#set({ problems });
    return problems;
  }

  /** Saves the text, unless the file has changed: then the conflict shows. @returns whether it was saved */
  async save(): Promise<boolean> {
    const { base, disk, text } = this.state.value;
    if (base === undefined || disk === undefined) return false;
    try {
      const { digest } = await this.files.saveFile(this.id, { text, digest: base.digest });
      this.#set({ base: { text, digest }, disk: { ...disk, text, digest }, problem: undefined });
      this.#keepDraft();
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) await this.load();
      else this.#set({ problem: messageOf(error) });
      return false;
    }
  }

  /** Gives up what is unsaved. */
  takeDisk(): void {
    this.state.update((state) => ({ ...state, base: state.disk, text: state.disk?.text ?? state.text }));
    this.#keepDraft();
  }

  /** Saves over a conflict: the user has seen the version on the disk. */
  keepOwn(): Promise<boolean> {
    this.#set({ base: this.state.value.disk });
    return this.save();
  }

  /** A draft of an earlier page. */
  #withDraft(state: FileState): FileState {
    const draft = drafts.value[this.id];
    if (state.base !== undefined || draft === undefined) return state;
    return { ...state, text: draft.text, base: { text: undefined, digest: draft.digest } };
  }

  #set(change: Partial<FileState>): void {
    this.state.update((state) => ({ ...state, ...change }));
  }

  #keepDraft(): void {
    const { base, text } = this.state.value;
    const unsaved = base !== undefined && isUnsaved(this.state.value);
    keepDraft(this.id, unsaved ? { text, digest: base.digest } : undefined);
  }
}

function reconciled(state: FileState, disk: FileContent): FileState {
  const loaded = { ...state, disk, problem: undefined };
  if (!isUnsaved(state) || state.text === disk.text) return { ...loaded, base: disk, text: disk.text };
  return state.base?.digest === disk.digest ? { ...loaded, base: disk } : loaded;
}
