import { withTimeout } from 'esp-host';
import { type EspOutcome, type FakeReply, fakeHttp, testPlugin, UnexpectedCallError } from 'esp-host/testing';
import type { KeyValueList } from '#wire';
import type { TestSetting } from './test-setting.js';

/** A method call in a test. */
export interface TestCall {
  /** `Service.Method` */
  readonly name: string;
  readonly parameters: KeyValueList;
  readonly userData: KeyValueList | undefined;
  readonly text: 'str' | 'utf16';
  /** The deadline that passes during the call. */
  readonly deadlineMs: number | undefined;
  /** Total time of upstream calls that time out, in ms. */
  readonly waitsMs: number;
}

/** Maximum duration of a trial besides upstream timeouts. */
const TRIAL_MS = 10_000;

/** Calls the method with fake upstreams. @throws TimeoutError, or the plugin's error if it does not start */
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
    return await withTimeout(called, TRIAL_MS + waitsMs);
  } finally {
    await tested.stop();
  }
}
