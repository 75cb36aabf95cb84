import { describe, expect, it } from '@jest/globals';
import {
  AdminError,
  ExportError,
  FaultRuleError,
  FileChangedError,
  FileUnusableError,
  MOCK_ERRORS,
  type MockError,
  PatternError,
  RecordingError,
  StubError,
  TemplateError,
  UnknownApplicationError,
  UnknownDataError,
  UnknownEntryError,
  UnknownUpstreamError,
  UnknownVariantError,
  WebhookTimeoutError,
  WebhookUnansweredError,
} from '../../mock-platform/errors.js';

const ERRORS: [MockError, string, string, object][] = [
  [new ExportError('x'), 'ESP_MOCK_NOT_EXPORTABLE', 'x', {}],
  [new RecordingError('x'), 'ESP_MOCK_INVALID_RECORDING', 'x', {}],
  [new FaultRuleError('x'), 'ESP_MOCK_INVALID_FAULT', 'x', {}],
  [new StubError('x'), 'ESP_MOCK_INVALID_STUB', 'x', {}],
  [new TemplateError('x'), 'ESP_MOCK_INVALID_TEMPLATE', 'x', {}],
  [new PatternError('x'), 'ESP_MOCK_INVALID_PATTERN', 'x', {}],
  [
    new UnknownApplicationError('Post', ['Mail', 'Chat']),
    'ESP_MOCK_UNKNOWN_APPLICATION',
    'unknown stubbed application Post (platform.yaml has: Mail, Chat)',
    { application: 'Post' },
  ],
  [
    new UnknownUpstreamError('biling', []),
    'ESP_MOCK_UNKNOWN_UPSTREAM',
    'unknown upstream biling (platform.yaml has: none)',
    { upstream: 'biling' },
  ],
  [
    new UnknownVariantError('billing', '3', ['1', '2']),
    'ESP_MOCK_UNKNOWN_VARIANT',
    'unknown variant 3 of upstream billing (its mock has: 1, 2)',
    { upstream: 'billing', variant: '3' },
  ],
  [
    new UnknownEntryError(7),
    'ESP_MOCK_UNKNOWN_ENTRY',
    'the journal does not have entry 7, or no longer has it',
    { id: 7 },
  ],
  [
    new UnknownDataError('Reach', 'ID', ['Id']),
    'ESP_MOCK_UNKNOWN_DATA',
    "'Reach' has no ID in its data (it has: Id)",
    {},
  ],
  [new WebhookUnansweredError('x'), 'ESP_MOCK_WEBHOOK_UNANSWERED', 'x', {}],
  [
    new WebhookTimeoutError(5, { order: '17' }, ['a', 'b']),
    'ESP_MOCK_WEBHOOK_TIMEOUT',
    'no webhook matched {"order":"17"} within 5 ms; posted were: a; b',
    { posted: ['a', 'b'] },
  ],
  [new FileChangedError('a.yaml'), 'ESP_MOCK_FILE_CHANGED', 'a.yaml has changed on the disk since it was read', {}],
  [new FileUnusableError('x'), 'ESP_MOCK_FILE_UNUSABLE', 'x', {}],
  [new AdminError(404, 'x'), 'ESP_MOCK_BAD_REQUEST', 'x', { status: 404 }],
];

describe("the mock platform's errors", () => {
  it.each(ERRORS)('%s', (error, code, message, data) => {
    expect(error).toMatchObject({ code, message, name: error.constructor.name, ...data });
  });

  it('each have a code, which the table describes', () => {
    expect(ERRORS.map(([, code]) => code).sort()).toEqual(Object.keys(MOCK_ERRORS).sort());
  });
});
