import { describe, expect, it } from '@jest/globals';
import type { FieldReference } from '../../../src/cli/methods/fields.js';
import { markdown, text } from '../../../src/cli/methods/print.js';
import type { Reference } from '../../../src/cli/methods/reference.js';

const field = (name: string, more: Partial<FieldReference> = {}): FieldReference => ({
  ...{ name, type: 'string', repeated: false, required: true, meaning: '' },
  ...more,
});

const fault = { code: '904', text: 'A.B incorrect `Id`: a|b', when: 'Id is\n  wrong' };

const reference: Reference = {
  application: { name: 'Own', type: 23, typeName: 'ThirdPartyServer' },
  deadlineMs: 1500,
  methods: [
    {
      service: 'Billing',
      method: 'Pay',
      description: 'Pays.\n  At once.',
      warning: 'Costs\nmoney.',
      idempotent: false,
      deadlineMs: 1500,
      parameters: [
        field('Id', { meaning: 'Number\n of | it' }),
        field('Kind', { required: false, default: 'new', type: 'one of new, old', repeated: true }),
      ],
      response: [field('Balance', { type: 'int', meaning: 'What is left' }), field('Note', { required: false })],
      faults: [fault],
    },
    {
      service: 'Billing',
      method: 'Ping',
      description: '',
      idempotent: true,
      deadlineMs: 1500,
      parameters: [],
      response: [],
      faults: [],
    },
  ],
  faults: [{ code: '901', text: 'invalid request', when: 'Service is missing' }],
};

/** What both tools are told of a method. */
const tools = (method: string, asked: string, result: string): string =>
  `### In a strategy

External Service object of Interaction Routing Designer (it also sends the user data of the interaction):

| what | value |
| --- | --- |
| Application | \`Own\`, or the type \`ThirdPartyServer\` |
| Service | \`Billing\` |
| Method | \`${method}\` |
| Parameters | ${asked} |

Composer's External Service block (it does not send the user data of the interaction):

| what | value |
| --- | --- |
| Application | \`Own\` |
| Service name | \`Billing\` |
| Method name | \`${method}\` |
| Method parameters | ${asked} |
| User data | whatever the method reads |
| Service timeout | more than 1500 ms: the host answers by then, with fault 920 if necessary |
| Result | a variable for the response${result} |
| Exceptions | the faults above |`;

describe('the page for strategists', () => {
  it('has a section per method, and one for the faults of all', () => {
    expect(markdown(reference)).toBe(`# ESP methods of Own

Written by \`esp-host methods --markdown\`. Strategies name the application \`Own\`, or its type 23 (ThirdPartyServer).

## Billing.Pay

Pays. At once.

> **Warning.** Costs money.

> **Do not retry** after a fault that ends with \`is unknown\`, fault 900, a fault of Interaction Server, a timeout of the block, or a lost connection: the request may have taken effect. After the other faults below it has not.

### Parameters

| name | type | required | default | meaning |
| --- | --- | --- | --- | --- |
| \`Id\` | string | yes |  | Number of \\| it |
| \`Kind\` | one of new, old, repeatable key | no | \`"new"\` |  |

### Response

| name | type | always present | meaning |
| --- | --- | --- | --- |
| \`Balance\` | int | yes | What is left |
| \`Note\` | string | no |  |

### Faults

The method may also answer with faults of its own. CHANNEL is the name of the channel.

| FaultCode | FaultString | when |
| --- | --- | --- |
| 904 | \`\` A.B incorrect \`Id\`: a\\|b \`\` | Id is wrong |

${tools('Pay', '`Id`, `Kind` (optional)', ': `Balance`, `Note`')}

## Billing.Ping

### Parameters

None.

### Response

Any parameters.

### Faults

The method may also answer with faults of its own. CHANNEL is the name of the channel.

| FaultCode | FaultString | when |
| --- | --- | --- |

${tools('Ping', 'none', '')}

## Faults of requests that reach no method

| FaultCode | FaultString | when |
| --- | --- | --- |
| 901 | \`invalid request\` | Service is missing |
`);
  });

  it('repeats no type without a name', () => {
    const unnamed = { ...reference, methods: [], application: { name: 'Own', type: 999, typeName: '999' } };
    expect(markdown(unnamed)).toContain('or its type 999.\n');
  });
});

it('the text has a paragraph per method', () => {
  expect(text(reference)).toBe(`Billing.Pay Id:string [Kind:one of new, old[]]
  -> Balance:int Note:string
  Pays.
  At once.
  Warning: Costs
money.
  Not idempotent: a repeated request takes effect twice.

Billing.Ping
  -> anything
`);
});
