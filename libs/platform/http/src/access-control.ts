import type { FastifyRequest } from 'fastify';

/**
 * Who is asking, and may they? Called for every route that names a permission, before its input is looked at.
 *
 * Concurrency: calls are independent. Nothing may be cached past the request: a revoked key stops at once.
 * Errors: kind `unauthenticated` when nobody (or nobody any more) is behind the request, `forbidden` when somebody is but
 * may not. It may remember the caller on `request` for its own parameter decorators.
 */
export abstract class AccessControl {
  abstract authorize(request: FastifyRequest, permission: string): Promise<void>;
}
