import { AuditLog } from '@castellan/audit';
import { AccessControl } from '@castellan/http';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isPermitted } from '../ability/ability.js';
import { accessEvents } from '../access-events.js';
import { AccessError, notPermitted } from '../access-error.js';
import { Authenticate } from './authenticate.js';
import { rememberActor } from './current-actor.js';

/**
 * The guard's judge: who is it, and do their roles include the permission at all? Which rows, the use case asks.
 * Every refusal of somebody who showed something is in the audit log before it is answered.
 */
@Injectable()
export class AbilityAccessControl extends AccessControl {
  constructor(
    private readonly authenticate: Authenticate,
    private readonly audit: AuditLog,
  ) {
    super();
  }

  override async authorize(request: FastifyRequest, permission: string): Promise<void> {
    const origin = { requestId: request.id, source: request.ip };
    const actor = await this.authenticate.execute(request).catch(async (error: unknown) => {
      if (error instanceof AccessError && error.code !== 'credentials_missing') {
        await this.audit.appendDurably(accessEvents.credentialsRefused(error.code, permission, origin));
      }
      throw error;
    });
    const [action = '', subject = ''] = permission.split(':', 2);
    if (!isPermitted(actor, action, subject)) {
      await this.audit.appendDurably(accessEvents.permissionRefused(actor, permission, origin));
      throw notPermitted(permission);
    }
    rememberActor(request, actor);
  }
}
