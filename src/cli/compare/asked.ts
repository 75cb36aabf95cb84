import type { loadMock } from '../load-mock.js';

type RecordedRequests = Awaited<ReturnType<typeof loadMock>>['recordedRequests'];

/** A request of a recording, as the mock platform reads it. */
export type Asked = ReturnType<RecordedRequests> extends AsyncGenerator<infer Request> ? Request : never;
