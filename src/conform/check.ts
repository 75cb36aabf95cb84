import type { Subject } from './subject.js';

/** What a check found, other than a deviation. */
export interface Remark {
  /** `note`: unusual, but clients can live with it. `skipped`: it could not be checked. */
  readonly state: 'note' | 'skipped';
  readonly text: string;
}

/** One thing that clients rely on. */
export interface Check {
  /** `framing.boundaries` */
  readonly id: string;
  /** What the server does if it conforms: "answers ...". */
  readonly title: string;
  /** What a client of the vendor's SDK notices if it doesn't. */
  readonly notice: string;
  /** Resolves if the server conforms, after calling `remark` if there is something to say. @throws DeviationError */
  run(subject: Subject, remark: (state: Remark['state'], text: string) => void): Promise<unknown>;
}
