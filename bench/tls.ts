import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A self-signed certificate for 127.0.0.1, in a file with its key. */
export interface BenchCertificate {
  readonly pem: string;
  readonly file: string;
  remove(): void;
}

export async function certificate(): Promise<BenchCertificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  const folder = mkdtempSync(join(tmpdir(), 'esp-host-bench-'));
  const file = join(folder, 'server.pem');
  writeFileSync(file, `${cert}\n${key}\n`);
  return { pem: cert, file, remove: () => rmSync(folder, { recursive: true }) };
}
