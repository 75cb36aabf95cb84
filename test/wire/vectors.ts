import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { JsonMessage } from '../../src/esp/index.js';

export interface Vector extends JsonMessage {
  name: string;
  hex: string;
}

const file = fileURLToPath(new URL('../fixtures/wire/vectors.json.gz', import.meta.url));

/** Messages observed from the vendor's SDK: the lists that it was given and the bytes that it sent. */
export const vectors: readonly Vector[] = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'));
