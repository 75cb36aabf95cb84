export const EQUIVALENT = {
  'src/doctor/examine.ts': [
    {
      code: "for (const pem of certificatesIn(files.clientCa ?? '')) yield validity(`listeners.${name}.tls.clientCa`, pem, now);",
      from: "''",
      why: 'any text without certificates will do',
    },
  ],
  'src/doctor/ports.ts': [
    {
      code: 'return state === LISTEN && local?.endsWith(suffix) ? [`socket:[${inode}]`] : [];',
      from: 'local?.endsWith(suffix)',
      why: 'for the types: a row with a state has an address before it',
    },
    {
      code: "const text = (path: string): string => read(() => readFileSync(path, 'utf8')) ?? '';",
      from: "''",
      why: 'any text without rows will do',
    },
    {
      code: "const link = (path: string): string => read(() => readlinkSync(path)) ?? '';",
      from: "''",
      why: 'any text that names no socket will do',
    },
  ],
};
