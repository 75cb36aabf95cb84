/** What an examination of a host's surroundings found at one place. */
export interface Finding {
  /** What was looked at, as the reader knows it: `listeners.esp.port`, `channel whatsapp`. */
  readonly about: string;
  /** `warning`: it works, and will not for ever, or not as one might think. */
  readonly state: 'good' | 'warning' | 'trouble';
  readonly text: string;
  /** What to do about a warning or a trouble. */
  readonly advice?: string;
}
