import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { readApproval, readManifest, readTrustDocument } from '@castellan/approval-policy';
import { AuditLog } from '@castellan/audit';
import type { DsseEnvelope, HonourResponse } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { registryEvents } from '../registry-events.js';
import { RegistryError } from '../registry-error.js';
import { VersionStore } from '../versions/version-store.js';

import { type TrustDocumentRow, TrustDocumentStore } from './trust-document-store.js';

/**
 * Takes a signed document in. The keybroker verifies it first (and policies, reviewer certificates and revocations take
 * effect there); only then is a copy kept here, in one transaction with its audit event, and the answer waits until that
 * event has its place in the log.
 */
@Injectable()
export class SubmitDocument {
  constructor(
    private readonly database: Database,
    private readonly keybroker: KeybrokerClient,
    private readonly documents: TrustDocumentStore,
    private readonly versions: VersionStore,
    private readonly audit: AuditLog,
  ) {}

  async execute(actor: Actor, envelope: DsseEnvelope): Promise<TrustDocumentRow> {
    const honoured = await this.keybroker.honour(envelope);
    if (honoured.organization !== actor.organizationName) {
      throw new RegistryError('document_out_of_organization', {
        kind: 'forbidden',
        publicDetail: `This document is about the organisation "${honoured.organization}", not yours.`,
      });
    }
    if (honoured.kind === 'approval') await this.refuseHopelessApproval(actor, envelope, honoured);
    const { row, eventId } = await this.database.transaction(async (tx) => {
      if (await this.documents.exists(tx, honoured.digest)) throw alreadyRecorded(honoured);
      const { digest, kind, subject } = honoured;
      const row = await this.documents.create(tx, {
        digest,
        kind,
        subject,
        envelope,
        organizationId: actor.organizationId,
        submittedById: actor.personId,
      });
      return { row, eventId: await this.audit.append(tx, registryEvents.documentRecorded(actor, row)) };
    });
    await this.audit.sequenced(eventId);
    return row;
  }

  /** The broker would not count such an approval at release; saying so now spares the reviewer the surprise. */
  private async refuseHopelessApproval(
    actor: Actor,
    envelope: DsseEnvelope,
    { subject }: HonourResponse,
  ): Promise<void> {
    const version = await this.versions.byDigest(actor.organizationId, subject);
    if (version?.manifest == null) {
      throw new RegistryError('approval_for_unknown_version', {
        kind: 'not_found',
        publicDetail: `No version has the digest ${subject} that this approval is for.`,
      });
    }
    const { author } = readManifest(version.manifest, subject);
    if (readApproval(readTrustDocument(envelope)).person === author) {
      throw new RegistryError('author_may_not_review', {
        kind: 'forbidden',
        publicDetail: `${author} is the author of ${version.model.name}@${version.number}, and an author can't review her own version.`,
      });
    }
  }
}

function alreadyRecorded({ kind, digest }: HonourResponse): RegistryError {
  return new RegistryError('document_already_recorded', {
    kind: 'conflict',
    publicDetail: `This ${kind} (${digest.slice(0, 12)}…) is already recorded; a document counts once.`,
  });
}
