import { afterAll, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { parametersOf, type TargetOptions, targetOf, tlsOf, withTargetOptions } from '../../src/cli/target.js';
import { file, removeFolders } from '../support/files.js';

afterAll(removeFolders);

const parsed = (...words: string[]): TargetOptions =>
  withTargetOptions(new Command('x').exitOverride().configureOutput({ writeErr: () => undefined }))
    .parse(words, { from: 'user' })
    .opts();

describe('the target of a request', () => {
  it('has the given values, and the default charset', () => {
    expect(parsed()).toEqual({ charset: 'utf-8' });
    expect(targetOf(parsed())).toEqual({});
    const given = parsed('--app-name', 'DMS', '--app-type', '171', '--charset', 'latin1');
    expect(given.charset).toBe('latin1');
    expect(targetOf(given)).toEqual({ appName: 'DMS', appType: 171 });
  });

  it.each<[string, string | number]>([
    ['171', 171],
    ['"171"', '171'],
    ['SocialMS', 'SocialMS'],
    ['17a', '17a'],
    ['a17', 'a17'],
    ['"17a"', '"17a"'],
    ['x"1"', 'x"1"'],
    ['"1"x', '"1"x'],
    ['-1', '-1'],
    ['2147483647', 2147483647],
  ])('has %s as a type', (text, type) => expect(targetOf(parsed(`--app-type=${text}`))).toEqual({ appType: type }));

  it('has no type of more than 32 bits', () => {
    expect(() => parsed('--app-type', '2147483648')).toThrow('Expected a name, or a number of up to 32 bits.');
  });

  it('reports an invalid parameter', () => {
    expect(parametersOf(['Id=x']).entries).toMatchObject([{ key: 'Id', value: 'x' }]);
    expect(() => parametersOf(['Id'])).toThrow(expect.objectContaining({ code: 'ESP_CLI_COMMAND_FAILED' }));
  });
});

describe('TLS', () => {
  const pem = (name: string) => `-----BEGIN ${name}-----\n`;

  it('is used with --tls, an authority or a certificate', () => {
    expect(tlsOf({})).toEqual({});
    expect(tlsOf({ tls: true })).toEqual({ tls: {} });
    expect(tlsOf({ tlsCa: file('ca.pem', pem('CA')) })).toEqual({ tls: { ca: pem('CA') } });
    const own = { tlsCert: file('c.pem', pem('CERTIFICATE')), tlsKey: file('k.pem', pem('KEY')) };
    expect(tlsOf(own)).toEqual({ tls: { certificate: pem('CERTIFICATE'), key: pem('KEY') } });
  });

  it('requires a key with a certificate, in PEM files', () => {
    const cert = file('c.pem', pem('CERTIFICATE'));
    expect(() => tlsOf({ tls: true, tlsCert: cert })).toThrow('--tls-cert and --tls-key must be used together');
    expect(() => tlsOf({ tlsKey: cert })).toThrow('--tls-cert and --tls-key must be used together');
    const other = file('c.txt', 'no certificate');
    expect(() => tlsOf({ tlsCa: other })).toThrow(`${other} is not a PEM file: it has no -----BEGIN line`);
    expect(() => tlsOf({ tlsCa: `${other}.not` })).toThrow(new RegExp(`^cannot read ${other}\\.not: ENOENT`));
  });
});
