import type {
  Faults,
  FileContent,
  JournalFound,
  JournalPage,
  JsonEntry,
  Reload,
  SendRequest,
  SendResult,
  UsedFile,
} from '../../../../mock-platform/console/api/types.ts';
import { chartsOf } from './charts.ts';
import { detailOf, type Summary } from './journal.ts';
import { noticesOf } from './notices.ts';
import type { FakeState } from './state.ts';
import { runOf, STRATEGIES, SWEEP } from './strategies.ts';
import { configuration, FAULT_KINDS, status, UNMATCHED } from './world.ts';

export interface Call {
  readonly state: FakeState;
  readonly address: string;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
  /** The `:id` of the path. */
  readonly id: string;
  /** Sends an event to all listeners. */
  emit(event: string, data: unknown): void;
}

/** An error response. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const FILE: UsedFile = {
  ...{ id: 'f1', path: 'stubs/classification-server.yaml', kind: 'stubs' },
  ...{ owners: ['Classification Server'], problems: [] },
};

const MISTAKE = { file: FILE.path, line: 4, column: 5, message: 'unknown key stubs[0].wrong' };

const changed = ({ emit }: Call, what: string): void => emit('changed', { what });

/** `METHOD path` -> its JSON response. */
export const ROUTES: Readonly<Record<string, (call: Call) => unknown>> = {
  'GET status': ({ address, state }) => status(address, state.startedAt),
  'GET configuration': ({ state }) => configuration(state.now()),
  'GET reload': ({ state }): Reload => ({ following: true, last: state.reload }),
  'GET journal': page,
  'GET journal/ids': foundIds,
  'GET journal/:id': ({ state, id }) =>
    detailOf(
      entryOf(state, id),
      state.rules.map((rule) => rule.id),
    ),
  'GET journal/:id/export': exported,
  'DELETE journal': ({ state }) => {
    state.entries = [];
  },
  'POST send': send,
  'GET stubs': ({ state }) => state.stubs,
  'GET stubs/requests': () => UNMATCHED,
  'POST stubs': addStub,
  'DELETE stubs/:id': (call) => {
    call.state.stubs = call.state.stubs.filter(({ id }) => id !== call.id);
    changed(call, 'stubs');
  },
  'GET files': () => [FILE],
  'GET files/:id': ({ state }): FileContent => ({ file: FILE, text: state.file, digest: state.file, schema: {} }),
  'POST files/:id/check': ({ body }) => ({ problems: String(body.text).includes('wrong') ? [MISTAKE] : [] }),
  'PUT files/:id': ({ state, body }) => {
    if (body.digest !== state.file) throw new Refused(409, 'the file has changed on the disk');
    state.file = String(body.text);
    return { digest: state.file };
  },
  'GET notices': ({ state }) => noticesOf(state),
  'GET faults': ({ state }): Faults => ({ kinds: FAULT_KINDS, rules: state.rules }),
  'POST faults': addFault,
  'DELETE faults': (call) => {
    call.state.rules = [];
    changed(call, 'faults');
  },
  'DELETE faults/:id': (call) => {
    call.state.rules = call.state.rules.filter(({ id }) => id !== call.id);
    changed(call, 'faults');
  },
  'GET panels': ({ state }) => state.panels,
  'GET ledger': ({ state }) => state.ledger,
  'PUT ledger': (call) => {
    Object.assign(call.state.ledger, call.body);
    changed(call, 'ledger');
  },
  'POST ledger/accounts': (call) => {
    const { account, owner } = call.body as { account: string; owner?: string };
    if (!/^\d+$/.test(account)) throw new Refused(400, `body.account: '${account}' is not a number`);
    call.state.ledger.accounts.push({ account, ...(owner === undefined ? {} : { owner }), state: 'open' });
    changed(call, 'ledger');
  },
  'PUT ledger/accounts/:id': (call) => {
    const found = call.state.ledger.accounts.find(({ account }) => account === call.id);
    Object.assign(found ?? {}, call.body);
    changed(call, 'ledger');
  },
  'DELETE ledger/accounts/:id': (call) => {
    const { ledger } = call.state;
    ledger.accounts = ledger.accounts.filter(({ account }) => account !== call.id);
    changed(call, 'ledger');
  },
  'GET strategies': () => STRATEGIES,
  'GET strategies/variants': () => ['2.41.3', '2.45.1'].map((title) => ({ upstream: 'whatsapp', title })),
  'POST strategies/sweep': () => SWEEP,
  'POST strategies/run': ({ body }) => {
    if (body.file !== STRATEGIES[0].file) throw new Refused(400, `${body.file} cannot be run here`);
    const set = (body.set ?? {}) as Record<string, unknown>;
    // The later version calls every number valid.
    const isLater = (body.variant as { title?: string } | undefined)?.title === '2.45.1';
    return runOf(isLater ? { ...set, Id: '+16315551002' } : set);
  },
  'GET charts': ({ state }) => chartsOf(state.entries, state.now()),
  'POST reset': (call) => {
    call.state.entries = [];
    call.state.rules = [];
    for (const what of ['faults', 'stubs', 'ledger']) changed(call, what);
  },
};

/** The filter's own code: what the platform searches beyond a summary is not in a fake. */
async function foundIds({ state, query }: Call): Promise<JournalFound> {
  const { parseFilter } = await import('../../../../mock-platform/filter/index.ts');
  const { matches } = parseFilter(query.get('filter') ?? '');
  const among = idsOf(query);
  const all = state.entries.filter((entry) => (among?.has(entry.id) ?? true) && matches(entry));
  const ids = all.map(({ id }) => id).reverse();
  return { total: ids.length, ids: ids.slice(0, Number(query.get('limit') ?? 100)) };
}

function idsOf(query: URLSearchParams): ReadonlySet<number> | undefined {
  const ids = query.get('ids');
  return ids === null ? undefined : new Set(ids.split(',').map(Number));
}

function page({ state, query }: Call): JournalPage {
  const before = Number(query.get('before') ?? Number.POSITIVE_INFINITY);
  const ids = idsOf(query);
  const older = state.entries.filter(({ id }) => id < before && (ids?.has(id) ?? true)).toReversed();
  return { total: state.entries.length, entries: older.slice(0, Number(query.get('limit') ?? 100)) };
}

function entryOf(state: FakeState, id: string): Summary {
  const entry = state.entries.find((one) => one.id === Number(id));
  if (entry === undefined) throw new Refused(404, `The journal has no request ${id}: it may have been emptied`);
  return entry;
}

function exported({ state, id, query }: Call): string {
  const { service, method, parameters } = entryOf(state, id);
  const words = parameters.map(([key, , value]) => `'${key}=${value}'`).join(' ');
  const form = query.get('as');
  if (form === 'test')
    return `// Request ${id}.\n// This test fails: the method answers fault 900.\nit('', () => {});\n`;
  if (form === 'send') return `npx esp-host send ${service} ${method} ${words}`;
  return form === 'stub'
    ? `match: { service: ${service}, method: ${method} }\nanswer: { parameters: {} }\n`
    : `- name: request ${id}\n`;
}

function send({ state, body, emit }: Call): SendResult {
  const { service, method, appName, parameters = [] } = body as Call['body'] & SendRequest;
  const id = parameters.find(([key]) => key === 'Id')?.[2];
  const missing = service === 'Messaging' && id === undefined;
  const fault = { faultCode: '904', faultText: `${service}.${method} incorrect Id: missing` };
  const results: JsonEntry[] = [['Id', 'str', String(id ?? '').replaceAll(/[^+\d]/g, '')]];
  const base = {
    service,
    method,
    parameters,
    application: 'DMS',
    client: '127.0.0.1:8080',
    ...(appName === undefined ? {} : { appName }),
  };
  const entry = state.add({
    ...base,
    durationMs: 4.2,
    outcome: missing ? 'fault' : 'response',
    results: missing ? [] : results,
  });
  delete entry.injectedFault;
  delete entry.stub;
  if (missing) Object.assign(entry, fault);
  else for (const key of ['faultCode', 'faultText'] as const) delete entry[key];
  emit('journal', entry);
  const reply = detailOf(entry).reply?.message;
  if (!reply) throw new Refused(500, 'no reply');
  return { durationMs: 5.1, entry: entry.id, reply };
}

function addStub(call: Call) {
  const { application, upstream, stub } = call.body as {
    application?: string;
    upstream?: string;
    stub: { name?: string; answer?: unknown; answers?: unknown };
  };
  if (stub.answer === undefined && stub.answers === undefined) {
    throw new Refused(400, 'stub must have either answer or answers');
  }
  const owner = upstream === undefined ? { application } : { upstream };
  const added = { id: call.state.nextId('s'), ...owner, name: stub.name ?? 'a stub', hits: 0, definition: stub };
  call.state.stubs.unshift(added);
  changed(call, 'stubs');
  return added;
}

function addFault(call: Call) {
  const kind = String(call.body.kind);
  if (!FAULT_KINDS.some((one) => one.kind === kind)) throw new Refused(400, `kind: there is no fault '${kind}'`);
  const rule = call.state.ruleOf(kind, call.body);
  call.state.rules.push(rule);
  changed(call, 'faults');
  return rule;
}
