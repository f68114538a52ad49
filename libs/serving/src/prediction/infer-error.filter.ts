import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { asCastellanError, statusOf } from '@castellan/http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Failures in the one form that clients of the Open Inference Protocol read: `{"error": string}`. Internal ones are logged. */
@Catch()
export class InferErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger('http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = asCastellanError(thrown);
    if (error.kind === 'internal') {
      const { id: requestId } = host.switchToHttp().getRequest<FastifyRequest>();
      this.#logger.error({ requestId, err: error }, error.code);
    }
    if (reply.sent) return;
    if (error.retryAfterMs !== undefined) {
      void reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))));
    }
    if (error.kind === 'unauthenticated') void reply.header('www-authenticate', 'Bearer');
    void reply.status(statusOf(error)).send({ error: `${error.code}: ${error.publicDetail}` });
  }
}
