import { join } from 'node:path';
import { z } from 'esp-host';
import { runFile } from '../../runtime/index.js';
import type { CaseResult, End, Run, RunStep, StepOutcome, Sweep } from '../../strategies/index.js';
import { fileId } from '../files.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { appType, duration, values } from '../schemas.js';
import { listStrategies, strategyPath } from '../strategy-files.js';

const condition = z.strictObject({
  subject: z.strictObject({ of: z.enum(['reply', 'data']), name: z.string() }),
  operator: z.enum(['empty', 'equals', 'notEquals', 'oneOf', 'startsWith', 'atLeast', 'atMost']),
  operands: z.array(z.string()),
});

const definition = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('externalService'),
    id: z.string(),
    service: z.strictObject({
      appName: z.string().optional(),
      appType: appType.optional(),
      service: z.string(),
      method: z.string(),
      parameters: values,
      userData: values.optional(),
      timeoutMs: z.number(),
    }),
    waitFor: z
      .strictObject({ upstream: z.string(), webhook: z.record(z.string(), z.string()) })
      .optional()
      .describe('The webhook of an upstream for which the step waits first.'),
    save: z.string().optional(),
    branches: z.array(z.strictObject({ name: z.string(), when: z.array(condition), go: z.string() })),
    fault: z.record(z.string(), z.string()).describe('The next step by FaultCode, or by "other".'),
    timeout: z.string().optional(),
    lost: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('assign'), id: z.string(), assign: values, go: z.string() }),
  z.strictObject({ kind: z.literal('routeTo'), id: z.string(), routeTo: z.string() }),
]);

export const strategy = z.strictObject({
  file: z.string(),
  id: z.string().describe('Of the file in /api/files.'),
  name: z.string(),
  tests: z.array(z.string()).describe('The names of the test cases.'),
  data: values.describe('The initial data of the interaction.'),
  steps: z.array(definition),
  problems: z.array(z.string()).optional().describe('Each as file:line:column and a message.'),
});

const step = z.strictObject({
  id: z.string(),
  kind: z.enum(['externalService', 'assign', 'routeTo']),
  sent: z
    .strictObject({
      appName: z.string().optional(),
      appType: appType.optional(),
      service: z.string(),
      method: z.string(),
      parameters: values,
      userData: values.optional(),
      timeoutMs: z.number(),
    })
    .optional(),
  outcome: z
    .strictObject({
      kind: z.enum(['response', 'fault', 'timeout', 'lost']),
      parameters: values.optional(),
      code: z.string().optional(),
      text: z.string().optional(),
    })
    .optional(),
  assigned: values.optional(),
  branch: z.string().optional(),
  next: z.string().optional(),
  durationMs: duration(),
  data: values.describe('The data after the step.'),
});

export const answer = z
  .strictObject({
    strategy: z.string(),
    file: z.string(),
    before: values,
    data: values.describe('The data after the last step.'),
    steps: z.array(step),
    routedTo: z.string().nullable(),
    endedAt: z.string(),
    problem: z.string().optional().describe('Why the run ended without routing.'),
    durationMs: duration(),
  })
  .meta({ id: 'Run' });

export const testResult = z.strictObject({
  cases: z.array(
    z.strictObject({
      name: z.string(),
      differences: z.array(z.string()).describe('From what the case expects; empty if it passed.'),
      run: answer,
      durationMs: duration().describe('Including the start and the stop of the platform.'),
    }),
  ),
});

export const variants = z.array(
  z.strictObject({ upstream: z.string(), title: z.string().describe('Such as a version of its API.') }),
);

export const sweep = z.strictObject({
  paths: z.array(
    z.strictObject({
      forced: z.array(z.strictObject({ step: z.string(), outcome: z.string() })),
      routedTo: z.string().nullable(),
      endedAt: z.string(),
      problem: z.string().optional().describe('Why the path ended without routing.'),
    }),
  ),
  neverTaken: z.array(z.string()).describe('Branches that no path took.'),
  neverReached: z.array(z.string()).describe('Steps that no path reached.'),
  cut: z.boolean().describe('There are more paths.'),
});

const listedFile = () => z.string({ error: 'must be a file that /api/strategies lists' });

const body = z.strictObject({
  file: listedFile(),
  set: z.record(z.string(), z.union([z.string(), z.int32()])).default({}),
});

const runBody = body.extend({
  variant: z
    .strictObject({ upstream: z.string(), title: z.string() })
    .optional()
    .describe('Runs on a platform of its own, with the mock of an upstream as one of /api/strategies/variants.'),
});

export function strategyRoutes({ platform }: RouteContext): Route[] {
  const folder = platform.world.strategies;
  return [
    route({
      method: 'GET',
      path: '/api/strategies',
      summary: "The strategies in the folder of platform.yaml's strategies.",
      answer: z.array(strategy),
      handle: () =>
        listStrategies(folder).map((listed) => ({ ...listed, id: fileId(join(folder ?? '', listed.file)) })),
    }),
    route({
      method: 'POST',
      path: '/api/strategies/run',
      summary: 'Runs a strategy through Interaction Server.',
      body: runBody,
      answer,
      handle: async ({ body: { file, set, variant } }) => {
        const path = strategyPath(folder, file);
        const run = variant === undefined ? runFile(platform, path, set) : platform.runVariant(path, set, variant);
        return view(await run, file);
      },
    }),
    route({
      method: 'GET',
      path: '/api/strategies/variants',
      summary: 'The variants of the mocks with which strategies can run.',
      answer: variants,
      handle: () =>
        platform.upstreams.flatMap(({ name, definition }) =>
          (definition.variants ?? []).map(({ title }) => ({ upstream: name, title })),
        ),
    }),
    route({
      method: 'POST',
      path: '/api/strategies/sweep',
      summary: 'Tries every outcome of each External Service step, without sending anything.',
      body,
      answer: sweep,
      handle: async ({ body: { file, set } }) =>
        sweepView(await platform.sweepStrategy(strategyPath(folder, file), set)),
    }),
    route({
      method: 'POST',
      path: '/api/strategies/test',
      summary: 'Runs the test cases of a strategy, each against a platform of its own.',
      body: z.strictObject({ file: listedFile() }),
      answer: testResult,
      handle: async ({ body: { file } }) => {
        const results = await platform.testStrategy(strategyPath(folder, file));
        return { cases: results.map((result) => caseView(result, file)) };
      },
    }),
  ];
}

const sweepView = ({ paths, neverTaken, neverReached, cut }: Sweep): z.input<typeof sweep> => ({
  paths: paths.map(({ forced, end }) => ({ forced: forced.map((one) => ({ ...one })), ...endView(end) })),
  ...{ neverTaken: [...neverTaken], neverReached: [...neverReached], cut },
});

const endView = (end: End): { routedTo: string | null; endedAt: string; problem?: string } => ({
  routedTo: end.kind === 'routed' ? end.routedTo : null,
  endedAt: end.step,
  ...(end.kind === 'nowhere' ? { problem: end.why } : {}),
});

const caseView = (
  { name, differences, run, durationMs }: CaseResult,
  file: string,
): z.input<typeof testResult>['cases'][number] => ({
  name,
  differences: [...differences],
  run: view(run, file),
  durationMs,
});

function view({ strategy: name, before, after, steps, end, durationMs }: Run, file: string): z.input<typeof answer> {
  return {
    strategy: name,
    file,
    before: { ...before },
    data: { ...after },
    steps: steps.map(stepView),
    ...endView(end),
    durationMs,
  };
}

function stepView(runStep: RunStep): z.input<typeof step> {
  const { id, kind, durationMs, data, next } = runStep;
  const common = { id, kind, durationMs, data: { ...data }, ...(next === undefined ? {} : { next }) };
  if (runStep.kind === 'assign') return { ...common, assigned: { ...runStep.assigned } };
  if (runStep.kind === 'routeTo') return common;
  const { sent, outcome, branch } = runStep;
  return { ...common, sent: { ...sent }, outcome: outcomeView(outcome), ...(branch === undefined ? {} : { branch }) };
}

function outcomeView(outcome: StepOutcome): NonNullable<z.input<typeof step>['outcome']> {
  switch (outcome.kind) {
    case 'response':
      return { kind: 'response', parameters: { ...outcome.parameters } };
    case 'fault':
      return { kind: 'fault', code: outcome.code, text: outcome.text };
    case 'timeout':
      return { kind: 'timeout' };
    default:
      return { kind: 'lost', ...(outcome.why === undefined ? {} : { text: outcome.why }) };
  }
}
