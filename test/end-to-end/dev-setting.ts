import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folder } from '../support/files.js';
import { Program } from '../support/processes.js';
import { outcome, RawClient, request } from '../support/raw-client.js';

export const PLATFORM = `interactionServer: { port: 0 }
console: { port: 0 }
applications: [{ name: DMS, type: 171, address: host }]
`;

const CONFIG = `application: { name: DMS }
plugins:
  - use: ./plugins/mark
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
`;

/** A method that answers with a mark, in TypeScript: `Test.Mark`, unless it has another name. */
export const markMethod = (mark: string, method = 'Mark'): string =>
  `import { EspMethod, type EspMethodHandler, z } from 'esp-host';
const parameters = z.object({});
const response = z.object({ Mark: z.string() });
@EspMethod('Test', '${method}', { parameters, response })
export class ${method} implements EspMethodHandler<typeof parameters, typeof response> {
  handle() {
    return { Mark: '${mark}' };
  }
}
`;

export const MARK_PLUGIN = `import { definePlugin } from 'esp-host';
import { Mark } from './mark.js';
export default definePlugin({ name: 'mark', methods: [Mark] });
`;

/** A project of a plugin author, and `esp-host dev` (or `mock`) in it. */
export class DevSetting {
  readonly home = folder();
  readonly dev: Program;
  port = 0;
  /** Of the admin API and the console. */
  admin = '';

  private constructor(files: Readonly<Record<string, string>>, command: string) {
    for (const [name, text] of Object.entries({ 'config.yaml': CONFIG, 'platform.yaml': PLATFORM, ...files })) {
      this.write(name, text);
    }
    this.dev = new Program([command, '--platform', 'platform.yaml'], { cwd: this.home });
  }

  /** @param files beside config.yaml and platform.yaml, by default the plugin with `Test.Mark`, which answers 1 */
  static async start(
    files: Readonly<Record<string, string>> = {
      'plugins/mark/index.ts': MARK_PLUGIN,
      'plugins/mark/mark.ts': markMethod('1'),
    },
    command: 'dev' | 'mock' = 'dev',
  ): Promise<DevSetting> {
    const setting = new DevSetting(files, command);
    const { dev } = setting;
    await dev.printed(/Ctrl-C stops it all/);
    setting.port = Number((await dev.printed(/Host +127\.0\.0\.1:(\d+),/))[1]);
    setting.admin = (await dev.printed(/Console +(\S+)/))[1] ?? '';
    return setting;
  }

  write(name: string, text: string): void {
    const path = join(this.home, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  edit(name: string, change: (text: string) => string): void {
    this.write(name, change(readFileSync(join(this.home, name), 'utf8')));
  }

  /** What `Test.METHOD` answers. */
  async ask(method = 'Mark'): Promise<string> {
    const client = await RawClient.open(this.port);
    const answer = outcome(await client.ask(request(1, 'Test', method)));
    await client.close();
    return answer;
  }

  /** Waits for its next line about a change. */
  said(pattern: RegExp): Promise<RegExpExecArray> {
    return this.dev.said(pattern);
  }

  // biome-ignore lint/suspicious/noExplicitAny: the test knows what it asked for
  async reload(): Promise<any> {
    return (await fetch(`${this.admin}/api/reload`)).json();
  }
}
