import type { CastellanError } from '@castellan/errors';
import type { FastifyReply } from 'fastify';
import { problemOf, statusOf } from './problem.js';

/** Sends an error as `application/problem+json`, with the headers that go with its kind. */
export function answerProblem(reply: FastifyReply, error: CastellanError, requestId: string): void {
  if (error.retryAfterMs !== undefined) {
    void reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))));
  }
  if (error.kind === 'unauthenticated') void reply.header('www-authenticate', 'Bearer');
  void reply
    .status(statusOf(error))
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(problemOf(error, requestId)));
}
