import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerProblem } from './answer-problem.js';
import { asCastellanError } from './problem.js';

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
    answerProblem(reply, error, request.id);
  }
}
