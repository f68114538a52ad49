import { Role } from '@castellan/contracts';
import { Database, Prisma, type Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import type { Identity } from '../actor.js';
import { secretHash, type CredentialKind } from './secret.js';

/** A credential that is good now, and whose it is. */
export interface LiveCredential {
  readonly id: string;
  readonly kind: CredentialKind;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly identity: Identity;
}

export interface NewCredential {
  readonly personId: string;
  readonly kind: CredentialKind;
  readonly secretHash: Uint8Array<ArrayBuffer>;
  readonly label: string;
  readonly deployments?: readonly string[];
  readonly expiresAt?: Date;
}

interface CredentialRow {
  readonly id: string;
  readonly kind: CredentialKind;
  readonly deployments: string[];
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly personId: string;
  readonly name: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly sealTo: Uint8Array | null;
  readonly roles: { role: string; projectId: string | null }[];
}

/** Credentials as rows. A secret comes in, its hash is looked up; nothing of it is kept or given out. */
@Injectable()
export class CredentialStore {
  constructor(private readonly database: Database) {}

  /**
   * The credential of this secret if it is neither revoked nor expired and its owner isn't disabled. One round trip: it is
   * on the way of every prediction.
   */
  live(secret: string, kind: CredentialKind, now: Date): Promise<LiveCredential | undefined> {
    return this.#live(Prisma.sql`c."secretHash" = ${secretHash(secret)} AND c.kind = ${kind}`, now);
  }

  /** The same for an API key by its id, for a caller that has another proof of it. */
  liveApiKey(id: string, now: Date): Promise<LiveCredential | undefined> {
    return this.#live(Prisma.sql`c.id = ${id} AND c.kind = 'api_key'`, now);
  }

  async #live(which: Prisma.Sql, now: Date): Promise<LiveCredential | undefined> {
    const rows = await this.database.client.$queryRaw<CredentialRow[]>`
      SELECT c.id, c.kind, c.deployments, c."expiresAt", c."lastUsedAt",
             p.id AS "personId", p.name, k."publicKey" AS "sealTo", o.id AS "organizationId", o.name AS "organizationName",
             coalesce((SELECT json_agg(json_build_object('role', b.role, 'projectId', b."projectId"))
                         FROM "RoleBinding" b WHERE b."personId" = p.id), '[]') AS roles
        FROM "Credential" c
        JOIN "Person" p ON p.id = c."personId"
        JOIN "Organization" o ON o.id = p."organizationId"
        LEFT JOIN "PersonKey" k ON k."personId" = p.id
       WHERE ${which}
         AND c."revokedAt" IS NULL AND (c."expiresAt" IS NULL OR c."expiresAt" > ${now})
         AND p."disabledAt" IS NULL`;
    const row = rows[0];
    return row === undefined ? undefined : liveCredential(row);
  }

  create(tx: Tx, { deployments = [], ...rest }: NewCredential) {
    return tx.credential.create({ data: { ...rest, deployments: [...deployments] } });
  }

  /** Uses a sign-in link up. Of two at the same moment one gets it. @returns whose it was */
  async consumeSignInLink(
    tx: Tx,
    secret: string,
    now: Date,
  ): Promise<{ id: string; personId: string } | undefined> {
    const consumed = await tx.credential.updateManyAndReturn({
      where: {
        secretHash: secretHash(secret),
        kind: 'sign_in_link',
        revokedAt: null,
        OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
        person: { disabledAt: null },
      },
      data: { revokedAt: now, lastUsedAt: now },
      select: { id: true, personId: true },
    });
    return consumed[0];
  }

  /** Notes a use, at most once a minute: what it is for (idle sessions, forgotten keys) needs no more. */
  async noteUse({ id, lastUsedAt }: LiveCredential, now: Date): Promise<void> {
    if (lastUsedAt !== null && now.getTime() - lastUsedAt.getTime() < 60_000) return;
    await this.database.client.credential.updateMany({ where: { id }, data: { lastUsedAt: now } });
  }

  /** @returns whether it was live until now */
  async revoke(tx: Tx, id: string, now: Date): Promise<boolean> {
    const { count } = await tx.credential.updateMany({
      where: { id, revokedAt: null },
      data: { revokedAt: now },
    });
    return count === 1;
  }

  async revokeAllOf(tx: Tx, personId: string, now: Date): Promise<void> {
    await tx.credential.updateMany({ where: { personId, revokedAt: null }, data: { revokedAt: now } });
  }

  byId(tx: Tx, id: string) {
    return tx.credential.findUnique({
      where: { id },
      include: { person: { include: { bindings: true, key: true } } },
    });
  }
}

function liveCredential({ id, kind, expiresAt, lastUsedAt, ...row }: CredentialRow): LiveCredential {
  const { personId, name, organizationId, organizationName, deployments, roles, sealTo } = row;
  return {
    id,
    kind,
    expiresAt,
    lastUsedAt,
    identity: {
      personId,
      name,
      organizationId,
      organizationName,
      roles: roles.map(({ role, projectId }) => ({ role: Role.parse(role), projectId })),
      credentialId: id,
      deployments,
      ...(sealTo && { sealTo }),
    },
  };
}
