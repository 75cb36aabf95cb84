import type { UpstreamCall } from '../api/types.js';
import { visible } from '../message/entries.js';

/** The status of a call in short: `503`, `ECONNREFUSED`. */
export const callStatus = ({ status, failure, error }: UpstreamCall): string =>
  String(status ?? failure ?? (error === undefined ? 'pending' : 'failed'));

/** An upstream call may fail without a status (a reset) or after one (half a body). */
export const isFailed = ({ status = 0, failure, error }: UpstreamCall): boolean =>
  failure !== undefined || error !== undefined || status >= 400;

/** An upstream call in full. */
export function Call({ call }: { readonly call: UpstreamCall }) {
  const { error, injectedFault, stub, explanation, notice } = call;
  return (
    <div class="call">
      <p>
        <strong>{call.method}</strong> <code>{visible(call.url)}</code>
      </p>
      {error !== undefined && <p class="detail-fault">{visible(error)}</p>}
      {injectedFault !== undefined && <p class="detail-note">Injected fault {injectedFault}.</p>}
      {stub !== undefined && <p class="detail-note">Answered by the stub “{visible(stub)}”.</p>}
      {explanation !== undefined && <p class="detail-note detail-explanation">{visible(explanation)}</p>}
      {notice !== undefined && <p class="detail-note">{visible(notice)}.</p>}
      <Body title="Request body" body={call.requestBody} />
      <Body title="Response headers" body={headersText(call.responseHeaders)} />
      <Body title={call.responseCut ? 'Response body (truncated)' : 'Response body'} body={call.responseBody} />
    </div>
  );
}

const headersText = (headers: UpstreamCall['responseHeaders'] = {}): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');

const Body = ({ title, body }: { readonly title: string; readonly body: string | undefined }) =>
  body ? (
    <figure>
      <figcaption>{title}</figcaption>
      <pre tabIndex={0}>{visible(pretty(body))}</pre>
    </figure>
  ) : null;

/** JSON indented; any other text as it is. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
