import { expect, it } from '@jest/globals';
import { secret, z } from 'esp-host';
import { withoutSecrets } from '../../../mock-platform/export/test/without-secrets.js';

it('secrets of any kind are masked, and nothing else', () => {
  const schema = z.looseObject({ key: secret(), nested: z.looseObject({ file: secret() }) });
  const given = {
    key: 'hunter2',
    nested: { file: 'hunter2', size: 5, apiKey: 'hunter2', tokenUrl: 'https://a:hunter2@auth.example/?token=hunter2' },
    credentials: { user: 'hunter2' },
    list: [{ password: 'hunter2' }, 'x'],
    inline: '-----BEGIN PRIVATE KEY-----\nhunter2',
    maxTokens: 3,
    url: 'https://billing.example/accounts',
  };
  expect(withoutSecrets(given, schema.parse(given))).toEqual({
    hasSecrets: true,
    value: {
      key: '***',
      nested: { file: '***', size: 5, apiKey: '***', tokenUrl: 'https://***@auth.example/?token=***' },
      credentials: { user: '***' },
      list: [{ password: '***' }, 'x'],
      inline: '***',
      maxTokens: 3,
      url: 'https://billing.example/accounts',
    },
  });
});

it('a value from the environment has the type of the schema; a file is left out', () => {
  const made = { size: 50, on: true, ca: '-----BEGIN CERTIFICATE-----', url: 'http://x' };
  expect(withoutSecrets({ size: '50', on: 'true', ca: 'ca.pem', url: 'http://x/' }, made)).toEqual({
    hasSecrets: false,
    value: { size: 50, on: true, ca: undefined, url: 'http://x/' },
  });
  expect(withoutSecrets(undefined, {})).toEqual({ hasSecrets: false, value: undefined });
});
