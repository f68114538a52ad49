import type { AuditEvent, AuditLog, AuditReader } from '@castellan/audit';
import { canonicalize, type JsonValue } from '@castellan/canonical-json';
import type { InclusionProof } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { leafHash, verifyInclusion } from '@castellan/merkle-log';
import { openCheckpoint, type VerifierKey } from '@castellan/signed-note';
import { KeybrokerError } from '../keybroker-error.js';

/**
 * Records an event and waits until it can't be taken back: until a checkpoint that this broker itself has signed covers
 * it. The database only says where to look; what it says is proved.
 */
export class ProveRecorded {
  constructor(
    private readonly audit: AuditLog,
    private readonly reader: AuditReader,
    private readonly logKey: VerifierKey,
    private readonly timeoutMs: number,
  ) {}

  /** @throws KeybrokerError `release_unproven`; AuditError `event_not_sequenced`; what the database throws */
  async record(event: AuditEvent): Promise<void> {
    const eventId = await this.audit.appendDurably(event);
    await this.audit.sequenced(eventId, { timeoutMs: this.timeoutMs });
    const proof = await this.reader.inclusionProof(eventId);
    try {
      requireIncluded(proof, this.logKey);
    } catch (cause) {
      if (cause instanceof CastellanError)
        throw unproven('The log does not prove that the release is recorded.', cause);
      throw cause;
    }
    if (!isLeafOf(proof.leaf, eventId, event)) throw unproven('The log has another event than the release.');
  }
}

function requireIncluded({ index, hashes, leaf, checkpoint }: InclusionProof, key: VerifierKey): void {
  const { size, root } = openCheckpoint(checkpoint, key.name, [key]);
  const claim = { index: Number(index), size, leaf: leafHash(Buffer.from(leaf)), root };
  verifyInclusion(
    claim,
    hashes.map((hash) => Buffer.from(hash, 'base64')),
  );
}

/** A leaf is its event with an id and a time. */
function isLeafOf(leaf: string, eventId: string, event: AuditEvent): boolean {
  const { id, time: _, ...recorded }: { [member: string]: JsonValue } = JSON.parse(leaf);
  const expected: JsonValue = JSON.parse(JSON.stringify(event));
  return id === eventId && canonicalize(recorded) === canonicalize(expected);
}

function unproven(publicDetail: string, cause?: unknown): KeybrokerError {
  return new KeybrokerError({ code: 'release_unproven', kind: 'internal', publicDetail, cause });
}
