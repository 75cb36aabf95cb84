import { request } from 'node:https';

/** GET /v1/health at `url`, with `certificate` as the only one that is trusted; its status. */
export function askOverTls(url: string, certificate: string | undefined): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const trusted = certificate === undefined ? {} : { ca: certificate };
  request(`${url}/v1/health`, { ...trusted, servername: 'localhost', agent: false }, (response) => {
    response.resume().once('end', () => resolve(response.statusCode));
  })
    .once('error', reject)
    .end();
  return promise;
}
