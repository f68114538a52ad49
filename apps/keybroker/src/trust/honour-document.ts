import { TrustError, type VerifiedDocument } from '@castellan/approval-policy';
import type { AuditLog, Clock } from '@castellan/audit';
import type { DsseEnvelope, HonourResponse } from '@castellan/contracts';
import type { Database } from '@castellan/database';
import type { Peer } from '@castellan/http';
import { PkiError } from '@castellan/pki';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';
import { findScope, requireUnused } from '../destruction/destruction-target.js';
import { KeybrokerError } from '../keybroker-error.js';
import { requireExportable } from '../transfer/require-exportable.js';
import type { HonouredDocuments } from './honoured-documents.js';

/** Takes a signed document in. Who hands it in does not matter: only who signed it. */
export class HonourDocument {
  constructor(
    private readonly documents: HonouredDocuments,
    private readonly audit: AuditLog,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** @throws TrustError; KeybrokerError `policy_version_stale`, `destruction_blocked`, `destruction_target_unknown` */
  async honour(envelope: DsseEnvelope, peer: Peer): Promise<HonourResponse> {
    try {
      const { document } = await this.documents.honour(envelope, (verified) => this.#record(verified, peer));
      return summaryOf(document);
    } catch (refusal) {
      if (refusal instanceof TrustError || refusal instanceof KeybrokerError || refusal instanceof PkiError) {
        const fields = { actor: actorOf(peer), decision: 'deny', reason: refusal.code } as const;
        await this.audit.appendDurably(keybrokerEvents.event('document.refused', fields));
      }
      throw refusal;
    }
  }

  /** Before the document takes effect: no change without its record. */
  async #record(verified: VerifiedDocument, peer: Peer): Promise<void> {
    if (verified.kind === 'destruction-order') await this.#requireDestructible(verified);
    if (verified.kind === 'root-export-order') {
      const { content, document } = verified;
      await requireExportable(this.database, content, document.subjectSha256, this.clock.now());
    }
    const { digest, ...about } = summaryOf(verified);
    await this.audit.appendDurably(
      keybrokerEvents.event('document.honoured', {
        actor: actorOf(peer),
        decision: 'allow',
        resource: { kind: 'trust-document', id: digest, digest },
        details: about,
      }),
    );
  }

  /** Said at once to whoever orders it; the day it is carried out it is looked at again. */
  async #requireDestructible({ document, content }: VerifiedDocument & { kind: 'destruction-order' }) {
    const scope = await findScope(this.database, content, document.subjectSha256);
    await requireUnused(this.database, content, scope);
  }
}

function summaryOf({ kind, document, content }: VerifiedDocument): HonourResponse {
  const { digest, subjectSha256: subject } = document;
  const { organization } = content;
  return {
    kind,
    digest,
    subject,
    organization,
    ...('project' in content ? { project: content.project } : {}),
  };
}
