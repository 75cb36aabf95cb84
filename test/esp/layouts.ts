import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonMessage } from '../../src/esp/index.js';

export interface Layout extends JsonMessage {
  from: 'client' | 'server';
}

const file = fileURLToPath(new URL('../fixtures/wire/layouts.json', import.meta.url));

/** What real ESP clients and servers (E-mail Server, Universal Contact Server) were seen to send: question, answer. */
export const layouts: readonly Layout[] = JSON.parse(readFileSync(file, 'utf8'));
