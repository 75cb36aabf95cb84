export const EQUIVALENT = {
  'plugins/messaging/commands/contacts-file.ts': [
    {
      code: "const number = numbers(cells[columns.number] ?? '');",
      from: "''",
      why: 'any text but a number will do',
    },
  ],
  'plugins/messaging/contacts/cache.ts': [
    {
      code: 'if (left > 0) this.#cache?.set(number, { answer, until: now + left });',
      from: 'left > 0',
      to: 'left >= 0',
      why: 'an answer that is valid until now is not used',
    },
  ],
  'plugins/messaging/contacts/contacts-endpoint.ts': [
    {
      code: "const match = /^v?(\\d+)\\.(\\d+)/.exec(version ?? '');",
      from: "''",
      why: 'any text that is not a version will do',
    },
  ],
  'plugins/messaging/contacts/daily-budget.ts': [
    { code: 'const KEPT_S = 2 * 24 * 3600;', from: '24', to: '25', why: 'a count may be kept longer than its day' },
  ],
  'plugins/messaging/webhooks/receiver.ts': [
    {
      code: "const token = query.get('hub.verify_token') ?? '';",
      from: "''",
      why: 'any text but a token will do',
    },
  ],
  'plugins/messaging/limits/rate-limiter.ts': [
    {
      code: 'if (Number(wait) > 0) await sleep(Number(wait));',
      from: 'Number(wait) > 0',
      to: 'Number(wait) >= 0',
      why: 'it then sleeps for no time',
    },
    {
      code: 'if (turn > now) await sleep(turn - now);',
      from: 'turn > now',
      to: 'turn >= now',
      why: 'it then sleeps for no time',
    },
  ],
};
