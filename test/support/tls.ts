import { generate } from 'selfsigned';

export interface Certificates {
  /** The server's, signed by itself. */
  readonly server: { readonly certificate: string; readonly key: string };
  /** The clients': an authority of their own, which is the client certificate itself. */
  readonly client: { readonly certificate: string; readonly key: string };
}

/** Two self-signed certificates, for `localhost` and for a client. */
export async function certificates(): Promise<Certificates> {
  const [server, client] = await Promise.all([make('localhost'), make('interaction-server')]);
  return { server, client };
}

/** A self-signed certificate of these names. */
export async function make(
  commonName: string,
  dnsNames: readonly string[] = ['localhost'],
): Promise<{ certificate: string; key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: commonName }], {
    keySize: 2048,
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [...dnsNames.map((value) => ({ type: 2 as const, value })), { type: 7, ip: '127.0.0.1' }],
      },
    ],
  });
  return { certificate: cert, key };
}
