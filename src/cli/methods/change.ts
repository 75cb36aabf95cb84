/** A kind of difference between two versions of the methods. */
export type ChangeKind =
  | 'application'
  | 'method-added'
  | 'method-removed'
  | `parameter-${FieldChange}`
  | `result-${FieldChange}`
  | 'fault-added'
  | 'fault-removed'
  /** The text of a fault whose code is known. */
  | 'fault-text'
  | 'idempotent'
  | 'deadline'
  | 'warning';

/** What may happen to a parameter or to a result. A result that is `required` is always present. */
export type FieldChange = 'added' | 'removed' | 'required' | 'optional' | 'type' | 'repeated' | 'default';

/** A difference between two versions of the methods. */
export interface Change {
  readonly kind: ChangeKind;
  /** `Service.Method`; undefined if it concerns all. */
  readonly method?: string;
  /** The path of the parameter or of the result, or the FaultCode. */
  readonly subject?: string;
  /** Whether strategies that worked may not work any more. */
  readonly breaks: boolean;
  /** What is different, in words. */
  readonly text: string;
}
