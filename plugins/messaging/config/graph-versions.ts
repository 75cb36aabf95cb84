/**
 * The versions of the Graph API that end, and when. A version whose end is not public is missing. (Meta, Graph API
 * changelog: v21.0 ends on 21 January 2027, and every earlier version has ended or ends before it)
 */
const ENDS: readonly { readonly upTo: number; readonly end: string }[] = [{ upTo: 21, end: '2027-01-21' }];

/** How long before its end a version is warned about. */
const SOON_MS = 90 * 86_400_000;

/** The version that is tested. */
export const DEFAULT_VERSION = 'v26.0';

/** Why a version should be replaced, or undefined if nothing is known against it. @param version such as `v26.0` */
export function versionWarning(version: string, now: number): string | undefined {
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  const end = ENDS.find(({ upTo }) => major <= upTo)?.end;
  if (end === undefined || now < Date.parse(end) - SOON_MS) return undefined;
  const verb = now < Date.parse(end) ? 'ends' : 'ended';
  return `${version} ${verb} on ${end} at the latest: write ${DEFAULT_VERSION}`;
}
