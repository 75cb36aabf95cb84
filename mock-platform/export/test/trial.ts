import { withTimeout } from 'esp-host';
import { type EspOutcome, type FakeReply, fakeHttp, testPlugin, UnexpectedCallError } from 'esp-host/testing';
import type { KeyValueList } from 'esp-host/wire';
import type { TestSetting } from './test-setting.js';

/** One call of a method, as a test makes it. */
export interface TestCall {
  /** `Service.Method` */
  readonly name: string;
  readonly parameters: KeyValueList;
  readonly userData: KeyValueList | undefined;
  readonly text: 'str' | 'utf16';
  /** The deadline that passes meanwhile. */
  readonly deadlineMs: number | undefined;
  /** How long calls of upstreams may take until they time out, in ms. */
  readonly waitsMs: number;
}

/** How long a method may take beyond the timeouts of its upstreams, whose answers are there at once. */
const LONGEST_MS = 10_000;

/** What comes of the call with these upstreams. @throws what the plugin does where it does not start, or takes too long */
export async function trial(
  { definition, application, options, channels }: TestSetting,
  { name, parameters, userData, text, deadlineMs, waitsMs }: TestCall,
  replies: readonly FakeReply[],
): Promise<EspOutcome | UnexpectedCallError> {
  const deadline = deadlineMs === undefined ? {} : { deadlineMs };
  const http = fakeHttp(replies);
  const tested = await testPlugin(definition, { http, application, options, channels, ...deadline });
  try {
    const called = tested
      .call(name, parameters, { text, ...(userData === undefined ? {} : { userData }) })
      .catch((error: unknown) => {
        if (error instanceof UnexpectedCallError) return error;
        throw error;
      });
    if (deadlineMs !== undefined) tested.clock.advance(deadlineMs);
    return await withTimeout(called, LONGEST_MS + waitsMs);
  } finally {
    await tested.stop();
  }
}
