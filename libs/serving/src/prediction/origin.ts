import type { FastifyRequest } from 'fastify';
import type { RequestOrigin } from '../serving-events.js';

export function originOf({ id, ip }: FastifyRequest): RequestOrigin {
  return { requestId: id, source: ip };
}
