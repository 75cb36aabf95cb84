/** The first version whose contacts endpoint calls every number valid. (Meta, On-Premises API changelog) */
const ALWAYS_VALID_SINCE = [2, 43] as const;

/** Whether a client of this version calls every number valid; undefined where the text is no version. */
export function callsEveryNumberValid(version: string | undefined): boolean | undefined {
  const match = /^v?(\d+)\.(\d+)/.exec(version ?? '');
  if (match === null) return undefined;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const [sinceMajor, sinceMinor] = ALWAYS_VALID_SINCE;
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}
