import { CodedError, type MockFault, type MockRequest, mockFault, z } from 'esp-host';

/** Errors of the On-Premises API: HTTP status, code and title. */
const ERRORS = {
  accessDenied: { status: 401, code: 1005, title: 'Access denied' },
  resourceNotFound: { status: 404, code: 1006, title: 'Resource not found' },
  parameterMissing: { status: 400, code: 1008, title: 'Required parameter is missing' },
  parameterNotValid: { status: 400, code: 1009, title: 'Parameter value is not valid' },
  /** The recipient is not on WhatsApp. */
  userNotValid: { status: 400, code: 1013, title: 'User is not valid' },
  internal: { status: 500, code: 1014, title: 'Internal error' },
  tooManyRequests: { status: 429, code: 1015, title: 'Too many requests' },
  invalidRequest: { status: 400, code: 1025, title: 'Invalid request' },
  /** The recipient's app cannot show the message. */
  receiverIncapable: { status: 400, code: 1026, title: 'Receiver incapable' },
  templateParameters: { status: 400, code: 2000, title: 'Template param count mismatch' },
  templateMissing: { status: 400, code: 2001, title: 'Template missing' },
  templateFormat: { status: 400, code: 2012, title: 'Template parameter format mismatch' },
} as const;

export type ApiErrorKind = keyof typeof ERRORS;

const KIND_OF_STATUS: Readonly<Record<number, ApiErrorKind>> = {
  401: 'accessDenied',
  404: 'resourceNotFound',
  429: 'tooManyRequests',
};

export interface Meta {
  readonly api_status: 'stable';
  readonly version: string;
}

export interface ErrorBody {
  readonly errors: readonly { readonly code: number; readonly title: string; readonly details: string }[];
  readonly meta: Meta;
}

/** An error response. `details` is sent to the client. */
export class ApiError extends CodedError<'ESP_MESSAGING_MOCK_REFUSED'> {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(
    readonly kind: ApiErrorKind,
    readonly details: string,
    status: number = ERRORS[kind].status,
  ) {
    super('ESP_MESSAGING_MOCK_REFUSED', details);
    this.status = status;
  }

  body(meta: Meta): ErrorBody {
    const { code, title } = ERRORS[this.kind];
    return { errors: [{ code, title, details: this.details }], meta };
  }

  /** The error for an HTTP status. */
  static ofStatus(status: number, details: string): ApiError {
    return new ApiError(KIND_OF_STATUS[status] ?? (status < 500 ? 'invalidRequest' : 'internal'), details, status);
  }
}

const KINDS = new Map(Object.entries(ERRORS).map(([kind, { code }]) => [code, kind as ApiErrorKind]));

const TITLES = Object.values(ERRORS).map(({ code, title }) => `${code} ${title}`);

/** The fault that makes the API client answer with an error of its API. @param meta of the client */
export const apiErrorFault = (meta: () => Meta, concerns: (request: MockRequest) => boolean): MockFault =>
  mockFault({
    description: "The API client answers with this error of its API, whose HTTP status is that of the error's code.",
    settings: z.strictObject({
      code: z
        .literal([...KINDS.keys()], { error: `must be a code of the API: ${[...KINDS.keys()].join(', ')}` })
        .describe(TITLES.join(', ')),
      details: z.string().default('forced by the mock platform'),
    }),
    concerns,
    respond: ({ code, details }) => {
      const error = new ApiError(KINDS.get(code) ?? 'internal', details);
      return { status: error.status, body: error.body(meta()) };
    },
  });
