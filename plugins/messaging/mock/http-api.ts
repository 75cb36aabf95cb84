import type { MockHandler, MockRequest, MockResponse } from 'esp-host';
import { ApiError } from './api-error.js';
import type { BusinessApiClient, Credentials } from './business-api-client.js';
import { contactsIn } from './requests.js';

/** The path of lookups. */
export const CONTACTS = '/v1/contacts';

/** Maximum contacts per call in the list of calls. */
const SHOWN_CONTACTS = 100;

interface Endpoint {
  readonly methods: readonly string[];
  readonly answer: (request: MockRequest) => unknown;
}

/** Serves the API over HTTP. */
export function httpApi(client: BusinessApiClient): MockHandler {
  const endpoints: Readonly<Record<string, Endpoint>> = {
    '/v1/users/login': { methods: ['POST'], answer: (request) => client.login(credentialsOf(request)) },
    '/v1/users/logout': { methods: ['POST'], answer: (request) => client.logout(credentialsOf(request)) },
    [CONTACTS]: { methods: ['POST'], answer: (request) => client.contacts(credentialsOf(request), request.body) },
    '/v1/messages': { methods: ['POST'], answer: (request) => client.messages(credentialsOf(request), request.body) },
    '/v1/health': { methods: ['GET', 'HEAD'], answer: (request) => client.health(credentialsOf(request)) },
  };
  const refused = (error: ApiError): MockResponse => ({ status: error.status, body: error.body(client.meta) });
  return {
    respond: (request) => {
      const { method, path } = request;
      const endpoint = endpoints[path];
      if (endpoint === undefined) {
        return refused(new ApiError('resourceNotFound', `${method} ${path}: unknown resource`));
      }
      const { methods, answer } = endpoint;
      if (!methods.includes(method)) {
        const wrong = ApiError.ofStatus(405, `${method} ${path}: expected ${methods[0]}`);
        return { ...refused(wrong), headers: { allow: methods.join(', ') } };
      }
      try {
        return { status: 200, body: answer(request) };
      } catch (error) {
        if (error instanceof ApiError) return refused(error);
        throw error;
      }
    },
    error: (status, details) =>
      status < 400 ? { status, body: { meta: client.meta } } : refused(ApiError.ofStatus(status, details)),
    describe: ({ path, body }) => (path === CONTACTS ? { contacts: contactsIn(body).slice(0, SHOWN_CONTACTS) } : {}),
  };
}

function credentialsOf({ headers }: MockRequest): Credentials {
  return { authorization: headers.authorization, apiKey: headers['d360-api-key']?.toString() };
}
