import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asCastellanError, problemOf, statusOf } from './problem.js';

/** Answers every failure as `application/problem+json`. Internal ones are logged with their cause. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger('http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = asCastellanError(thrown);
    if (error.kind === 'internal') this.#logger.error({ requestId: request.id, err: error }, error.code);
    if (reply.sent) return;
    if (error.retryAfterMs !== undefined) {
      void reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))));
    }
    if (error.kind === 'unauthenticated') void reply.header('www-authenticate', 'Bearer');
    void reply
      .status(statusOf(error))
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify(problemOf(error, request.id)));
  }
}
