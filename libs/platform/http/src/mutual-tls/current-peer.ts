import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { peerOf, type Peer } from './peer.js';

/** The calling process, on a route declared with `peers`. */
export const CurrentPeer = createParamDecorator((_: unknown, context: ExecutionContext): Peer => {
  const peer = peerOf(context.switchToHttp().getRequest<FastifyRequest>().raw.socket);
  if (peer === undefined) throw new Error('CurrentPeer on a route that does not declare peers');
  return peer;
});
