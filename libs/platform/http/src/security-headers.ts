import type { FastifyReply, FastifyRequest } from 'fastify';

/** An API answers data; nothing in an answer may load, run or be framed. */
export const apiPolicy = "default-src 'none'; frame-ancestors 'none'";

export type AddHeaders = (request: Pick<FastifyRequest, 'id'>, reply: FastifyReply) => void;

/** OWASP's list for every answer, and the request id. A route that set a header itself keeps its own. */
export function securityHeaders(contentSecurityPolicy: string, overTls: boolean): AddHeaders {
  const headers: Record<string, string> = {
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    ...(overTls ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}),
  };
  return (request, reply) => {
    for (const [name, value] of Object.entries(headers)) {
      if (!reply.hasHeader(name)) void reply.header(name, value);
    }
    void reply.header('x-request-id', request.id);
  };
}
