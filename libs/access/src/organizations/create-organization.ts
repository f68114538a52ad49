import { AuditLog } from '@castellan/audit';
import type {
  CreateOrganization as CreateOrganizationRequest,
  OrganizationCreated,
} from '@castellan/contracts';
import { Database, isUniqueViolation } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { AccessClock } from '../access-clock.js';
import { accessEvents } from '../access-events.js';
import { AccessError } from '../access-error.js';
import { requireAbility } from '../ability/ability.js';
import type { Actor } from '../actor.js';
import { newSecret, secretHash } from '../credentials/secret.js';
import { FoundOrganization } from './found-organization.js';

const signInLinkMs = 24 * 60 * 60 * 1000;

/** Makes another organisation. Its founder sees nothing of it afterwards: it belongs to its own administrator. */
@Injectable()
export class CreateOrganization {
  constructor(
    private readonly database: Database,
    private readonly found: FoundOrganization,
    private readonly audit: AuditLog,
    private readonly clock: AccessClock,
  ) {}

  /** @throws `not_permitted`, `organization_exists` */
  async execute(actor: Actor, { name, admin }: CreateOrganizationRequest): Promise<OrganizationCreated> {
    requireAbility(actor, 'create', 'Organization');
    const signInToken = newSecret('sign_in_link');
    const expiresAt = new Date(this.clock.now().getTime() + signInLinkMs);
    try {
      return await this.database.transaction(async (tx) => {
        const founded = await this.found.execute(tx, {
          name,
          admin: { ...admin, roles: ['admin'] },
          signInLink: { secretHash: secretHash(signInToken), expiresAt },
        });
        await this.audit.append(
          tx,
          accessEvents.organizationCreated(actor, founded.organization, founded.admin),
        );
        const { id, createdAt } = founded.organization;
        return { id, name, createdAt: createdAt.toISOString(), signInToken };
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new AccessError({
        code: 'organization_exists',
        kind: 'conflict',
        publicDetail: `There is an organisation "${name}" already.`,
      });
    }
  }
}
