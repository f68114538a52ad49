import { Readable } from 'node:stream';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The body as it arrives, on a route declared with `stream: true`. An absent body is an empty stream. */
export const BodyStream = createParamDecorator((_: unknown, context: ExecutionContext): Readable => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>();
  return body instanceof Readable ? body : Readable.from([]);
});
