import type { JournalledCall } from 'esp-host';
import type { SentMessage } from './outbox.js';

/** A request of the journal. */
export interface Cause {
  readonly id: number;
  readonly referenceId: number | null;
}

/** The requests that messages were sent for, where the journal tells. */
export function causesOf(
  messages: readonly SentMessage[],
  calls: readonly JournalledCall[],
): ReadonlyMap<SentMessage, Cause> {
  const causes = new Map<SentMessage, Cause>();
  if (messages.length === 0) return causes;
  for (const call of calls.filter(({ url }) => url.endsWith('/v1/messages'))) {
    const message = messages.find((one) => !causes.has(one) && sent(call, one));
    if (message !== undefined) causes.set(message, { id: call.entry, referenceId: call.referenceId });
  }
  return causes;
}

/** Whether this call sent the message: by the id in its answer, and where that was lost, by number and time. */
function sent({ at, durationMs, requestBody = '', responseBody }: JournalledCall, message: SentMessage): boolean {
  if (responseBody !== undefined) return responseBody.includes(`"${message.id}"`);
  const meanwhile = message.at >= at && message.at <= at + durationMs;
  return meanwhile && requestBody.includes(`"to":"${message.to.slice(1)}"`);
}
