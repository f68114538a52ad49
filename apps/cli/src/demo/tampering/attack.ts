import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { readTrustDocument } from '@castellan/approval-policy';
import type { DocumentKind, DsseEnvelope, Review, Version } from '@castellan/contracts';
import type { Stage } from '../stage.js';

/** Somebody who writes straight into the database, and the throw-away version that it is done to. */
export interface Attack {
  readonly stage: Stage;
  readonly database: pg.Client;
  readonly target: Version;
  readonly deployment: string;
  readonly input: readonly (readonly number[])[];
}

/** Long enough for the gateway to come round twice. */
const A_WHILE_MS = 1_200;

/** Whether the target stays unserved after a while, whatever else was written meanwhile. */
export async function staysUnserved({ stage, deployment, input }: Attack): Promise<boolean> {
  await sleep(A_WHILE_MS, undefined, { signal: stage.signal });
  return (await stage.refusalOf(deployment, input))?.code === 'not_approved';
}

export function reviewOf({ stage, target }: Attack): Promise<Review> {
  return stage.cast.reviewer.api.review(target.id);
}

/** Puts a document where the api would, without asking anybody. Gives its digest. */
export async function insertDocument(
  { database, stage }: Attack,
  kind: DocumentKind,
  envelope: DsseEnvelope,
): Promise<string> {
  const { digest, subjectSha256 } = readTrustDocument(envelope);
  const { admin } = stage.cast;
  await database.query(
    `INSERT INTO "TrustDocument" (digest, "organizationId", kind, subject, envelope, "submittedById")
     SELECT $1, "organizationId", $2, $3, $4, id FROM "Person" WHERE id = $5`,
    [digest, kind, subjectSha256, JSON.stringify(envelope), admin.id],
  );
  return digest;
}

export async function removeDocuments({ database }: Attack, digests: readonly string[]): Promise<void> {
  await database.query('DELETE FROM "TrustDocument" WHERE digest = ANY($1)', [digests]);
}

/** An account that nobody made. Gives its id. */
export async function insertPerson({ database, stage }: Attack, name: string, role: string): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO "Person" (id, "organizationId", name, "displayName")
     SELECT $1, "organizationId", $2, $2 FROM "Person" WHERE id = $3`,
    [id, name, stage.cast.admin.id],
  );
  await database.query('INSERT INTO "RoleBinding" (id, "personId", role) VALUES ($1, $2, $3)', [
    randomUUID(),
    id,
    role,
  ]);
  return id;
}

export async function removePerson({ database }: Attack, id: string): Promise<void> {
  await database.query('DELETE FROM "RoleBinding" WHERE "personId" = $1', [id]);
  await database.query('DELETE FROM "Person" WHERE id = $1', [id]);
}
