import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { AccessControl } from './access-control.js';
import { endpointKey, type EndpointDeclaration } from './endpoint.js';
import { HttpError } from './http-error.js';
import { assertPeer } from './mutual-tls/peer.js';

/** Asks what the route declared. Fails closed: no declaration, or a permission with nobody to judge it, is a refusal. */
export class EndpointGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly accessControl: AccessControl | undefined,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const declaration = this.reflector.get<EndpointDeclaration | undefined>(
      endpointKey,
      context.getHandler(),
    );
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (declaration?.public !== undefined) return true;
    if (declaration?.peers !== undefined) {
      assertPeer(request.raw.socket, declaration.peers);
      return true;
    }
    if (declaration?.permission === undefined || this.accessControl === undefined) {
      throw new HttpError({
        code: 'endpoint_undeclared',
        kind: 'internal',
        publicDetail: 'This address says nothing about who may call it, so nobody may.',
      });
    }
    await this.accessControl.authorize(request, declaration.permission);
    return true;
  }
}
