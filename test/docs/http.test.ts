import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWhatsAppApi, type WhatsAppApi } from 'esp-host/mock';
import { loadConfig, prepare, Server } from 'esp-host/server';
import { INDIA, NUMBERS, onPremises } from '../plugins/messaging/setting.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { LogLines } from '../support/log-lines.js';

interface Example {
  readonly command: string;
  readonly output: string;
}

/** Commands behind `$ ` in blocks of type console, each with what it prints. */
function examplesOf(markdown: string): Example[] {
  const blocks = [...markdown.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((example) => {
        const end = example.indexOf('\n');
        return { command: example.slice(0, end), output: example.slice(end + 1) };
      }),
  );
}

const examples = examplesOf(readFileSync(join(ROOT, 'docs/http.md'), 'utf8'));
const TOKEN = 'a-token-of-the-documentation';

let api: WhatsAppApi;
let server: Server;

beforeAll(async () => {
  api = await startWhatsAppApi({ registeredNumber: INDIA, numbers: NUMBERS, password: 'hush' });
  const config = [
    'application: { name: DMS, addressing: strict }',
    `channels: { whatsapp: ${onPremises(api.url)} }`,
    `plugins: [{ use: ${ROOT}plugins/messaging }]`,
    'listeners: { esp: { port: 0 }, http: { port: 0, token: "${HTTP_TOKEN}" } }',
  ];
  const loaded = loadConfig(file('config.yaml', config.join('\n')), { HTTP_TOKEN: TOKEN });
  server = await Server.start({ prepared: await prepare(loaded, { typescript: true }), logger: new LogLines().logger });
});

afterAll(async () => {
  await server.stop();
  await api.close();
  removeFolders();
});

describe('docs/http.md', () => {
  it('has examples', () => expect(examples.length).toBeGreaterThan(5));

  it.each(examples)('$command', async ({ command, output }) => {
    const here = command.replace('127.0.0.1:7180', `127.0.0.1:${server.httpAddress?.port}`);
    const { stdout } = await promisify(execFile)('sh', ['-c', here], {
      cwd: folder(),
      env: { PATH: process.env.PATH, HTTP_TOKEN: TOKEN },
    });
    expect(stdout).toBe(output);
  });
});
