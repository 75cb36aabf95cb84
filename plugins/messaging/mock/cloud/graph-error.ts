import { CodedError, type MockFault, type MockRequest, type MockResponse, mockFault, z } from 'esp-host';

/** HTTP status and title of the errors of Cloud API. Ranges have the status of their first code. */
const ERRORS: readonly (readonly [from: number, to: number, status: number, title: string])[] = [
  [0, 0, 401, 'AuthException'],
  [1, 1, 400, 'API Unknown'],
  [2, 2, 503, 'API Service'],
  [3, 3, 500, 'API Method'],
  [4, 4, 429, 'API Too Many Calls'],
  [10, 10, 403, 'API Permission Denied'],
  [33, 33, 400, 'Parameter value is not valid'],
  [100, 100, 400, 'Invalid parameter'],
  [190, 190, 401, 'Access token has expired'],
  [200, 299, 403, 'API Permission'],
  [368, 368, 403, 'Temporarily blocked for policies violations'],
  [80007, 80007, 429, 'Rate limit issues'],
  [130429, 130429, 429, 'Rate limit hit'],
  [131000, 131000, 500, 'Something went wrong'],
  [131005, 131005, 403, 'Access denied'],
  [131008, 131008, 400, 'Required parameter is missing'],
  [131009, 131009, 400, 'Parameter value is not valid'],
  [131016, 131016, 500, 'Service unavailable'],
  [131026, 131026, 400, 'Message undeliverable'],
  [131031, 131031, 403, 'Account has been locked'],
  [131045, 131045, 500, 'Incorrect certificate'],
  [131047, 131047, 400, 'Re-engagement message'],
  [131048, 131048, 400, 'Spam rate limit hit'],
  [131049, 131049, 400, 'Meta chose not to deliver'],
  [131056, 131056, 429, '(Business Account, Consumer Account) pair rate limit hit'],
  [131057, 131057, 500, 'Account in maintenance mode'],
  [132001, 132001, 404, 'Template does not exist'],
  [133000, 133000, 500, 'Incomplete deregistration'],
];

function errorOf(code: number): { readonly status: number; readonly title: string } {
  const [, , status, title] = ERRORS.find(([from, to]) => code >= from && code <= to) ?? [0, 0, 400, 'Error'];
  return { status, title };
}

/** The title of a code of Meta, in responses and webhooks. */
export const titleOf = (code: number): string => errorOf(code).title;

/** An error response of Graph API. `details` is sent to the client. */
export class GraphError extends CodedError<'ESP_MESSAGING_MOCK_REFUSED'> {
  override readonly name = 'GraphError';
  readonly status: number;
  readonly #title: string;

  constructor(
    /** Of Meta. Any code may be forced. */
    readonly number: number,
    readonly details: string,
    readonly retryAfterS?: number,
  ) {
    super('ESP_MESSAGING_MOCK_REFUSED', details);
    const { status, title } = errorOf(number);
    this.status = status;
    this.#title = title;
  }

  response(): MockResponse {
    const headers = this.retryAfterS === undefined ? {} : { headers: { 'retry-after': String(this.retryAfterS) } };
    return { status: this.status, body: this.#body(), ...headers };
  }

  #body(): object {
    return {
      error: {
        message: `(#${this.number}) ${this.#title}`,
        type: 'OAuthException',
        code: this.number,
        error_data: { messaging_product: 'whatsapp', details: this.details },
        fbtrace_id: 'A-mock-trace-id',
      },
    };
  }
}

/** The fault that makes Cloud API answer with an error. */
export const cloudErrorFault = (concerns: (request: MockRequest) => boolean): MockFault =>
  mockFault({
    description: "Cloud API answers with this error, whose HTTP status is that of the error's code.",
    settings: z.strictObject({
      code: z.int().min(0).describe('A code of Meta, such as 131026'),
      details: z.string().default('forced by the mock platform'),
      retryAfterS: z.int().min(0).optional(),
    }),
    concerns,
    respond: ({ code, details, retryAfterS }) => new GraphError(code, details, retryAfterS).response(),
  });
