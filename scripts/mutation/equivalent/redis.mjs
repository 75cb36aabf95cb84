export const EQUIVALENT = {
  'src/redis/client.ts': [
    {
      code: "await client.multi().incrBy('probe', 1).get('probe').exec();",
      from: "'probe'",
      why: 'a key like any other',
    },
  ],
};
