import type { InclusionProof } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { leafHash, verifyInclusion } from '@castellan/merkle-log';
import { openCheckpoint, VerifierKey } from '@castellan/signed-note';
import type { Attack } from './attack.js';

/** The decision in the record of a finalised version is changed. An auditor's own check of its proof tells. */
export async function auditRowIsEdited({ stage, database, target }: Attack): Promise<boolean> {
  const { auditor } = stage.cast;
  const { logOrigin, logVkey } = await auditor.api.trust();
  const page = await auditor.api.auditEvents({
    action: 'version.finalized',
    resource: target.id,
    limit: '1',
  });
  const eventId = page.records[0]?.eventId ?? '';
  const holds = async (): Promise<boolean> => {
    try {
      verify(await auditor.api.inclusionProof(eventId), logOrigin, logVkey);
      return true;
    } catch (error) {
      if (error instanceof CastellanError) return false;
      throw error;
    }
  };
  const before = await holds();
  const edit = 'UPDATE "AuditEntry" SET event = replace(event, $2, $3) WHERE "eventId" = $1';
  await database.query(edit, [eventId, '"allow"', '"deny"']);
  try {
    return before && !(await holds());
  } finally {
    await database.query(edit, [eventId, '"deny"', '"allow"']);
  }
}

/** As anybody with the log's key can do. @throws CastellanError when the leaf isn't under the signed checkpoint */
function verify({ index, leaf, hashes, checkpoint }: InclusionProof, origin: string, vkey: string): void {
  const { size, root } = openCheckpoint(checkpoint, origin, [VerifierKey.parse(vkey)]);
  const proof = hashes.map((hash) => new Uint8Array(Buffer.from(hash, 'base64')));
  verifyInclusion({ index: Number(index), size, leaf: leafHash(Buffer.from(leaf)), root }, proof);
}
