import type { z } from 'esp-host';
import type { answer as charts } from './routes/charts.js';
import type { answer as configuration } from './routes/configuration.js';
import type { answer as faults } from './routes/faults.js';
import type { content, files } from './routes/files.js';
import type { entry, exportForm, found, page } from './routes/journal.js';
import type { answer as notices } from './routes/notices.js';
import type { answer as panels } from './routes/panels.js';
import type { answer as reload } from './routes/reload.js';
import type { body as sendBody, answer as sendResult } from './routes/send.js';
import type { answer as status } from './routes/status.js';
import type { strategy, answer as strategyRun, sweep, testResult, variants } from './routes/strategies.js';
import type { stub, stubRequest } from './routes/stubs.js';

type Lists = 'parameters' | 'userData';

/** Types of the admin API, inferred from its schemas. */
export interface ApiTypes {
  charts: z.output<typeof charts>;
  configuration: z.output<typeof configuration>;
  entry: z.output<typeof entry>;
  exportForm: z.output<typeof exportForm>;
  faults: z.output<typeof faults>;
  fileContent: z.output<typeof content>;
  files: z.output<typeof files>;
  journalFound: z.output<typeof found>;
  journalPage: z.output<typeof page>;
  notices: z.output<typeof notices>;
  panels: z.output<typeof panels>;
  reload: z.output<typeof reload>;
  sendRequest: Omit<z.input<typeof sendBody>, Lists> & Pick<z.output<typeof sendBody>, Lists>;
  sendResult: z.output<typeof sendResult>;
  status: z.output<typeof status>;
  strategy: z.output<typeof strategy>;
  strategyRun: z.output<typeof strategyRun>;
  strategyTest: z.output<typeof testResult>;
  strategySweep: z.output<typeof sweep>;
  strategyVariants: z.output<typeof variants>;
  stub: z.output<typeof stub>;
  stubRequest: z.output<typeof stubRequest>;
}
