import type { ErasureRemains } from '@castellan/contracts';
import type { DatabaseClient } from '@castellan/database';

/**
 * Where a person's name stands and stays, because it is signed or hashed: leaves from before names were sealed (until they
 * expire), signed documents, and manifests of versions. Counted by the name as a whole JSON string, so that a project of
 * the same name counts too: it is the most there can be.
 */
export async function whatRemains(
  client: DatabaseClient,
  {
    id,
    organizationId,
    name,
  }: { readonly id: string; readonly organizationId: string; readonly name: string },
): Promise<ErasureRemains> {
  const quoted = `%${JSON.stringify(name).replaceAll(/[\\%_]/g, '\\$&')}%`;
  const [leaves, documents, manifests] = await Promise.all([
    client.$queryRaw<{ count: bigint }[]>`
      SELECT count(*) FROM "AuditEntry"
      WHERE "organizationId" = ${organizationId} AND event LIKE ${quoted}`,
    client.$queryRaw<{ count: bigint }[]>`
      SELECT count(*) FROM "TrustDocument"
      WHERE "organizationId" = ${organizationId}
        AND convert_from(decode(envelope::json->>'payload', 'base64'), 'UTF8') LIKE ${quoted}`,
    client.version.count({ where: { authorId: id, manifest: { not: null } } }),
  ]);
  return {
    leaves: String(leaves[0]?.count ?? 0n),
    documents: Number(documents[0]?.count ?? 0n),
    manifests,
  };
}
