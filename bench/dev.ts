/**
 * `npm run bench:dev`: the time from saving a plugin's file to the first answer of the new code, on an open connection to
 * `esp-host dev`, compared with the time that esbuild takes to bundle the plugin. BENCH_EDITS (20) is the number of edits.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { EspClient } from 'esp-host/client';
import { median, root } from './child.ts';

const EDITS = Number(process.env.BENCH_EDITS ?? 20);

/** The goal, in ms. */
const AIM_MS = 300;

const CONFIG = `application: { name: DMS }
plugins: [{ use: ./plugin }]
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
logging: { level: error }
`;

const PLATFORM = `interactionServer: { port: 0 }
console: { port: 0 }
applications: [{ name: DMS, type: 171, address: host }]
`;

/** A plugin of `files` files and an index; the last file has the mark that it answers with. */
class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'esp-host-bench-'));
  readonly plugin = join(this.folder, 'plugin');
  private readonly files: number;

  constructor(files: number) {
    this.files = files;
    mkdirSync(this.plugin);
    writeFileSync(join(this.folder, 'config.yaml'), CONFIG);
    writeFileSync(join(this.folder, 'platform.yaml'), PLATFORM);
    const names = Array.from({ length: files }, (_, at) => `part${at}`);
    for (const name of names) writeFileSync(join(this.plugin, `${name}.ts`), partOf('0'));
    writeFileSync(
      join(this.plugin, 'index.ts'),
      `import { definePlugin, EspMethod, z } from 'esp-host';
${names.map((name) => `import { mark as ${name} } from './${name}.js';`).join('\n')}
@EspMethod('Bench', 'Mark', { parameters: z.object({}), response: z.object({ Mark: z.string() }) })
class Mark {
  handle() {
    return { Mark: [${names.join(', ')}].at(-1) };
  }
}
export default definePlugin({ name: 'bench', methods: [Mark] });
`,
    );
  }

  save(mark: string): void {
    writeFileSync(join(this.plugin, `part${this.files - 1}.ts`), partOf(mark));
  }

  /** The time of esbuild alone, in ms. */
  async bundled(): Promise<number> {
    const before = performance.now();
    await build({
      entryPoints: [join(this.plugin, 'index.ts')],
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      sourcemap: 'inline',
      write: false,
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    });
    return performance.now() - before;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Some forty lines, like a method. */
const partOf = (mark: string): string =>
  `${Array.from({ length: 40 }, (_, at) => `const value${at}: number = ${at};`).join('\n')}
export const mark: string = String(value39 < 0) && '${mark}';
`;

async function measured(project: Project): Promise<number[]> {
  const dev = spawn(process.execPath, [join(root, 'bin/esp-host.cjs'), 'dev', '--platform', 'platform.yaml'], {
    cwd: project.folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  dev.stdout.setEncoding('utf8');
  let text = '';
  for await (const part of dev.stdout) {
    text += part;
    if (text.includes('Ctrl-C')) break;
  }
  const port = Number(/Host +127\.0\.0\.1:(\d+)/.exec(text)?.[1]);
  await using client = new EspClient({ host: '127.0.0.1', port });
  await client.connect();
  const times: number[] = [];
  for (let edit = 1; edit <= EDITS; edit++) {
    // Out of step with the polling of files.
    await sleep(200 + Math.random() * 100);
    const before = performance.now();
    project.save(String(edit));
    for (;;) {
      const reply = await client.request({ service: 'Bench', method: 'Mark', parameters: {} });
      if (reply.parameters.string('Mark') === String(edit)) break;
    }
    times.push(performance.now() - before);
  }
  const ended = once(dev, 'exit');
  dev.kill();
  await ended;
  return times;
}

const range = (times: readonly number[], digits: number): string =>
  `${median(times).toFixed(digits)} (${Math.min(...times).toFixed(digits)} to ${Math.max(...times).toFixed(digits)})`;

console.log(`Node ${process.version}, median of ${EDITS} edits (least to most), in ms; the goal is ${AIM_MS}\n`);
console.log(`${''.padEnd(24)}${'save to answer'.padEnd(22)}${'esbuild alone'.padEnd(22)}ratio`);
for (const files of [1, 30]) {
  const project = new Project(files);
  try {
    const times = await measured(project);
    const floor: number[] = [];
    for (let time = 0; time < EDITS; time++) floor.push(await project.bundled());
    const ratio = median(times) / median(floor);
    console.log(
      `${`a plugin of ${files + 1} files`.padEnd(24)}${range(times, 0).padEnd(22)}${range(floor, 1).padEnd(22)}${ratio.toFixed(0)}`,
    );
  } finally {
    project.remove();
  }
}
