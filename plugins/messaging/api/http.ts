import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { ConnectionFailed, ExecutionFailed, type Got, z } from 'esp-host';

export interface ApiSettings {
  /** Without a slash at the end. */
  readonly url: string;
  readonly ca?: string | undefined;
  readonly timeoutMs: number;
}

export interface ApiResponse {
  readonly status: number;
  readonly body: string;
}

export interface PostOptions {
  readonly http: Got;
  readonly headers: Record<string, string>;
  readonly json?: object;
  readonly agent?: { readonly http: HttpAgent; readonly https: HttpsAgent };
  readonly repeatable: boolean;
}

/** The connection broke before an answer came, or could not be made at this moment. */
const BROKEN = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'EAI_AGAIN'];
const RETRY_AFTER_MS = 100;

/**
 * One POST, whatever its status. Where it may be repeated, a connection that breaks is tried once more.
 * @throws ConnectionFailed, ExecutionFailed for an answer that takes too long, or the signal's reason
 */
export async function post(
  channel: string,
  { url, ca, timeoutMs }: ApiSettings,
  path: string,
  { http, headers, json, agent, repeatable }: PostOptions,
): Promise<ApiResponse> {
  try {
    const response = await http.post(`${url}${path}`, {
      headers,
      throwHttpErrors: false,
      timeout: { request: timeoutMs },
      retry: { limit: repeatable ? 1 : 0, methods: ['POST'], statusCodes: [], errorCodes: BROKEN, calculateDelay },
      ...(json === undefined ? {} : { json }),
      ...(agent === undefined ? {} : { agent }),
      ...(ca === undefined ? {} : { https: { certificateAuthority: ca } }),
    });
    return { status: response.statusCode, body: response.body };
  } catch (error) {
    throw failure(channel, url, timeoutMs, error as Error & { event?: string });
  }
}

/** Computed is 0 where got would not try again. */
const calculateDelay = ({ computedValue }: { computedValue: number }): number =>
  computedValue === 0 ? 0 : RETRY_AFTER_MS;

/** Only the text of got's errors goes on: the errors themselves hold the request with its credentials. */
function failure(channel: string, url: string, timeoutMs: number, error: Error & { event?: string }): Error {
  const cause = new Error(error.message);
  if (error.name === 'AbortError') return new ExecutionFailed(channel, 'given up', { cause });
  if (error.name === 'TimeoutError' && !isConnecting(error.event)) {
    return new ExecutionFailed(channel, `no answer within ${timeoutMs} ms`, { cause });
  }
  return new ConnectionFailed(channel, url, { cause });
}

const isConnecting = (event: string | undefined): boolean => /^(lookup|connect|secureConnect)$/.test(event ?? '');

/** The JSON of an answer that went well. @throws ExecutionFailed */
export function apiJson(channel: string, response: ApiResponse): unknown {
  const { status, body } = response;
  if (status < 200 || status > 299) {
    throw new ExecutionFailed(channel, `status ${status}`, {
      cause: new Error(`status ${status}${apiErrors(response)}`),
    });
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new ExecutionFailed(channel, 'the answer is no JSON');
  }
}

const errorsSchema = z.object({
  errors: z.array(
    z.object({
      code: z.number().optional(),
      title: z.string().optional(),
      details: z.string().optional(),
    }),
  ),
});

/** Longest text of an API's error that a log line shows. */
const SHOWN = 200;

/** `: 1005 Access denied: wrong password` for each error of an answer's body, for a log line. */
export function apiErrors({ body }: ApiResponse): string {
  const parsed = errorsSchema.safeParse(jsonOrUndefined(body));
  if (!parsed.success) return '';
  const texts = parsed.data.errors.map(({ code, title, details }) =>
    [[code, title].filter((part) => part !== undefined).join(' '), details].filter(Boolean).join(': '),
  );
  return `: ${texts.join('; ').slice(0, SHOWN)}`;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
