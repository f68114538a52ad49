import { randomUUID } from 'node:crypto';
import { AccessModule, newSecret, secretHash } from '@castellan/access';
import { AuditModule } from '@castellan/audit';
import type { Role } from '@castellan/contracts';
import { DatabaseModule, type Database } from '@castellan/database';
import { createHttpApp, type HttpApp } from '@castellan/http';
import { type DynamicModule, Module } from '@nestjs/common';
import { AuditController } from '../../apps/api/src/audit/audit.controller.js';
import { auditRules } from '../../apps/api/src/audit/audit-rules.js';
import { LogController } from '../../apps/api/src/audit/log.controller.js';
import { SpecLog } from '../../libs/audit/src/testing/spec-log.js';

@Module({})
class StandModule {
  static over(database: Database): DynamicModule {
    return {
      module: StandModule,
      imports: [
        DatabaseModule.around(database),
        AccessModule.forRoot([auditRules], { imports: [AuditModule] }),
        AuditModule,
      ],
      controllers: [AuditController, LogController],
    };
  }
}

/** The api's audit routes on a real port, over a log on a real database that is really signed. */
export class AuditStand {
  private constructor(
    readonly spec: SpecLog,
    private readonly app: HttpApp,
    readonly url: string,
  ) {}

  static async start(): Promise<AuditStand> {
    const spec = await SpecLog.open();
    const app = await createHttpApp(StandModule.over(spec.database), { logger: false });
    const { url } = await app.listen({ port: 0 });
    return new AuditStand(spec, app, url);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.spec.close();
  }

  /** An API key of a new person with these roles, in a new organisation or in the named one. */
  async key(roles: readonly Role[], organizationId: string = randomUUID()): Promise<string> {
    const { client } = this.spec.database;
    await client.organization.upsert({
      where: { id: organizationId },
      create: { id: organizationId, name: `org-${organizationId.slice(-8)}` },
      update: {},
    });
    const secret = newSecret('api_key');
    await client.person.create({
      data: {
        organizationId,
        name: `person-${secret.slice(-6).toLowerCase()}`,
        displayName: 'Somebody',
        bindings: { create: roles.map((role) => ({ role })) },
        credentials: {
          create: { kind: 'api_key', secretHash: secretHash(secret), label: 'test', deployments: [] },
        },
      },
    });
    return secret;
  }

  get(path: string, key?: string, headers: Record<string, string> = {}): Promise<Response> {
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
    return fetch(`${this.url}${path}`, { headers: { ...authorization, ...headers } });
  }
}
