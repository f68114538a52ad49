import { CastellanError, type ErrorKind } from '@castellan/errors';
import type { Problem } from '@castellan/contracts';
import { HttpError } from './http-error.js';

/** RFC 9110 status for each way of failing. A new kind does not compile until it has one. */
export const statusOfKind = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  exhausted: 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<ErrorKind, number>;

/** Where HTTP has a more telling one. */
const statusOfCode: ReadonlyMap<string, number> = new Map([
  ['body_too_large', 413],
  ['content_type_unsupported', 415],
  ['quota_exceeded', 413],
  ['tus_version_unsupported', 412],
]);

const titles = {
  invalid: 'The request is not valid',
  unauthenticated: 'Sign in first',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  conflict: 'In conflict with the present state',
  exhausted: 'A limit is reached',
  internal: 'Something went wrong on our side',
  unavailable: 'Not available right now',
} as const satisfies Record<ErrorKind, string>;

/** The status that a thrown thing answers with, on every route whatever the shape of its error bodies. */
export function statusOf(error: CastellanError): number {
  return statusOfCode.get(error.code) ?? statusOfKind[error.kind];
}

/** An RFC 9457 problem. Never shows a cause, a stack, or what an internal error said. */
export function problemOf(error: CastellanError, requestId?: string): Problem {
  const { errors, ...meta } = error.meta ?? {};
  return {
    type: `urn:castellan:problem:${error.code}`,
    title: titles[error.kind],
    status: statusOf(error),
    code: error.code,
    detail: error.publicDetail,
    ...(requestId === undefined ? {} : { requestId }),
    ...(isFieldFaults(errors) ? { errors } : {}),
    ...(Object.keys(meta).length === 0 ? {} : { meta }),
  };
}

/** What was thrown, as our own error: framework refusals keep their meaning, anything else is internal. */
export function asCastellanError(thrown: unknown): CastellanError {
  if (thrown instanceof CastellanError) return thrown;
  return frameworkRefusal(thrown) ?? internalError(thrown);
}

function internalError(cause: unknown): CastellanError {
  return new CastellanError({
    code: 'internal',
    kind: 'internal',
    publicDetail: 'An error that is ours. The request id leads to it in the log.',
    cause,
  });
}

/** Fastify throws errors with `statusCode`, Nest exceptions with `getStatus()`; neither says more than its message. */
function frameworkRefusal(thrown: unknown): HttpError | undefined {
  if (thrown === null || typeof thrown !== 'object') return undefined;
  const status =
    'getStatus' in thrown && typeof thrown.getStatus === 'function'
      ? Number(thrown.getStatus())
      : 'statusCode' in thrown && typeof thrown.statusCode === 'number'
        ? thrown.statusCode
        : 500;
  if (status === 404) {
    return new HttpError({
      code: 'route_unknown',
      kind: 'not_found',
      publicDetail: 'There is no such address.',
    });
  }
  if (status === 413) {
    return new HttpError({ code: 'body_too_large', kind: 'invalid', publicDetail: 'The body is too large.' });
  }
  if (status === 503) {
    return new HttpError({
      code: 'peer_unavailable',
      kind: 'unavailable',
      publicDetail: 'This server is going down. Ask again.',
      retryAfterMs: 1000,
    });
  }
  if (status < 400 || status > 499) return undefined;
  return new HttpError({
    code: 'request_malformed',
    kind: 'invalid',
    publicDetail: 'message' in thrown ? String(thrown.message) : 'The request is malformed.',
    cause: thrown,
  });
}

function isFieldFaults(value: unknown): value is { path: string; message: string }[] {
  return Array.isArray(value);
}
