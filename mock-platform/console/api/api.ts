import type {
  Charts,
  Configuration,
  Entry,
  ExportForm,
  FaultRule,
  Faults,
  FileContent,
  FileProblem,
  JournalFound,
  JournalPage,
  MockPanel,
  Notice,
  Reload,
  SendRequest,
  SendResult,
  Status,
  StrategyFile,
  StrategyRun,
  StrategySweep,
  StrategyTest,
  StrategyVariants,
  Stub,
  StubOwner,
  StubRequest,
  UsedFile,
} from './types.js';

/** An error response of the admin API, with its message. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

interface Options {
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** @throws ApiError, or an AbortError after `signal` */
async function call(method: string, path: string, { body, signal }: Options = {}): Promise<Response> {
  const response = await fetch(`api/${path}`, {
    method,
    signal: signal ?? null,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    throw new ApiError('The platform does not answer: is it still running?', 0);
  });
  if (response.ok) return response;
  throw new ApiError(await problemOf(response), response.status);
}

async function problemOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // not JSON: a proxy's error page
  }
  return `The platform answered ${response.status} ${response.statusText}`.trimEnd();
}

async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await call('GET', path, { signal })).json()) as T;
}

async function write<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const text = await (await call(method, path, { body, signal })).text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

const part = (value: string | number): string => encodeURIComponent(value);

/** The admin API. Every call throws ApiError for an error response. */
export const api = {
  status: (signal?: AbortSignal) => read<Status>('status', signal),
  configuration: (signal?: AbortSignal) => read<Configuration>('configuration', signal),
  reload: (signal?: AbortSignal) => read<Reload>('reload', signal),
  journal: (query: Readonly<Record<string, string | number>>, signal?: AbortSignal) => {
    const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    return read<JournalPage>(`journal?${search}`, signal);
  },
  /** The requests that match a filter, of the whole journal or among some; `offset`: minutes to UTC. */
  found: (filter: string, offset: number, among: readonly number[] | undefined, signal?: AbortSignal) =>
    read<JournalFound>(
      `journal/ids?limit=10000&offset=${offset}&filter=${part(filter)}${
        among === undefined ? '' : `&ids=${among.join()}`
      }`,
      signal,
    ),
  entry: (id: number, signal?: AbortSignal) => read<Entry>(`journal/${id}`, signal),
  exported: async (id: number, form: ExportForm) => (await call('GET', `journal/${id}/export?as=${form}`)).text(),
  clearJournal: () => write<void>('DELETE', 'journal'),
  send: (request: SendRequest, signal?: AbortSignal) => write<SendResult>('POST', 'send', request, signal),
  stubs: (signal?: AbortSignal) => read<readonly Stub[]>('stubs', signal),
  addStub: (owner: StubOwner, stub: unknown) => write<unknown>('POST', 'stubs', { ...owner, stub }),
  unmatchedRequests: (signal?: AbortSignal) =>
    read<readonly StubRequest[]>('stubs/requests?unmatched=true&limit=20', signal),
  removeStub: (id: string | number) => write<void>('DELETE', `stubs/${part(id)}`),
  files: (signal?: AbortSignal) => read<readonly UsedFile[]>('files', signal),
  file: (id: string) => read<FileContent>(`files/${part(id)}`),
  checkFile: (id: string, text: string) =>
    write<{ readonly problems: readonly FileProblem[] }>('POST', `files/${part(id)}/check`, { text }),
  saveFile: (id: string, version: { readonly text: string; readonly digest: string }) =>
    write<{ readonly digest: string }>('PUT', `files/${part(id)}`, version),
  notices: (signal?: AbortSignal) => read<readonly Notice[]>('notices', signal),
  faults: (signal?: AbortSignal) => read<Faults>('faults', signal),
  addFault: (rule: Readonly<Record<string, unknown>>) => write<FaultRule>('POST', 'faults', rule),
  removeFault: (id: string | number) => write<void>('DELETE', `faults/${part(id)}`),
  removeFaults: () => write<void>('DELETE', 'faults'),
  panels: (signal?: AbortSignal) => read<readonly MockPanel[]>('panels', signal),
  /** The state that a panel shows. */
  mockState: (path: string, signal?: AbortSignal) => read<Readonly<Record<string, unknown>>>(path, signal),
  /** Calls a route of a mock. */
  act: ({ method, path, body }: { readonly method: string; readonly path: string; readonly body: unknown }) =>
    write<unknown>(method, path, body),
  strategies: (signal?: AbortSignal) => read<readonly StrategyFile[]>('strategies', signal),
  runStrategy: (file: string, set: Readonly<Record<string, unknown>>, variant?: StrategyVariants[number]) =>
    write<StrategyRun>('POST', 'strategies/run', { file, set, variant }),
  strategyVariants: (signal?: AbortSignal) => read<StrategyVariants>('strategies/variants', signal),
  sweepStrategy: (file: string, set: Readonly<Record<string, unknown>>) =>
    write<StrategySweep>('POST', 'strategies/sweep', { file, set }),
  testStrategy: (file: string) => write<StrategyTest>('POST', 'strategies/test', { file }),
  charts: (signal?: AbortSignal) => read<Charts>('charts', signal),
  reset: () => write<unknown>('POST', 'reset'),
};

/** The message of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
