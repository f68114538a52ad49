import { AuditLog } from '@castellan/audit';
import { AccessControl } from '@castellan/http';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isPermitted } from '../ability/ability.js';
import { AccessClock } from '../access-clock.js';
import { accessEvents, type RequestOrigin } from '../access-events.js';
import { AccessError, notPermitted } from '../access-error.js';
import { AuthenticateSigned, isSignedForS3 } from '../s3/authenticate-signed.js';
import { Authenticate } from './authenticate.js';
import { rememberActor } from './current-actor.js';
import { RefusalBudget } from './refusal-budget.js';

/**
 * The guard's judge: who is it, and do their roles include the permission at all? Which rows, the use case asks.
 * Every refusal of a known person is in the audit log before it is answered; those of strangers, within a budget.
 */
@Injectable()
export class AbilityAccessControl extends AccessControl {
  constructor(
    private readonly authenticate: Authenticate,
    private readonly signed: AuthenticateSigned,
    private readonly audit: AuditLog,
    private readonly clock: AccessClock,
    private readonly budget: RefusalBudget,
  ) {
    super();
  }

  override async authorize(request: FastifyRequest, permission: string): Promise<void> {
    const origin = { requestId: request.id, source: request.ip };
    const shown = isSignedForS3(request) ? this.signed : this.authenticate;
    const actor = await shown.execute(request).catch(async (error: unknown) => {
      if (error instanceof AccessError && error.code !== 'credentials_missing') {
        await this.#recordStranger(error, permission, origin);
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

  async #recordStranger(error: AccessError, permission: string, origin: RequestOrigin): Promise<void> {
    const { record, dropped } = this.budget.spend(origin.source ?? '', this.clock.now());
    if (!record) return;
    await this.audit.appendDurably(
      accessEvents.credentialsRefused(error.code, { permission, dropped }, origin),
    );
  }
}
