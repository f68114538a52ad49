import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { AccessClock } from '../access-clock.js';
import { accessEvents } from '../access-events.js';
import { PersonStore } from '../people/person-store.js';
import { FoundOrganization } from './found-organization.js';

const firstLinkMs = 7 * 24 * 60 * 60 * 1000;

/**
 * The first start of an installation: organisation "castellan", project "default", person "admin", and a sign-in link whose
 * secret only whoever started it knows. Does nothing once there is anybody, so that a leaked token opens nothing later.
 */
@Injectable()
export class Bootstrap {
  constructor(
    private readonly database: Database,
    private readonly found: FoundOrganization,
    private readonly people: PersonStore,
    private readonly audit: AuditLog,
    private readonly clock: AccessClock,
  ) {}

  /**
   * @param tokenHash lowercase hex SHA-256 of the sign-in link's secret
   * @returns whether this call did it; of several replicas one does
   */
  execute(tokenHash: string): Promise<boolean> {
    const expiresAt = new Date(this.clock.now().getTime() + firstLinkMs);
    return this.database.transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('castellan.access.bootstrap'))`;
      if (await this.people.anybody(tx)) return false;
      const { organization } = await this.found.execute(tx, {
        name: 'castellan',
        admin: { name: 'admin', displayName: 'Administrator', roles: ['platform_admin', 'admin'] },
        signInLink: { secretHash: new Uint8Array(Buffer.from(tokenHash, 'hex')), expiresAt },
      });
      await this.audit.append(tx, accessEvents.bootstrapped(organization));
      return true;
    });
  }
}
