import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import {
  readApproval,
  readPolicy,
  readReviewerCertificate,
  readRevocation,
  readTrustDocument,
  type TrustDocument,
} from '@castellan/approval-policy';
import { AuditLog, AuditReader } from '@castellan/audit';
import type { DocumentKind, DsseEnvelope, TrustRoot } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { registryEvents } from '../registry-events.js';
import { RegistryError } from '../registry-error.js';
import { organizationTrust } from '../trust/organization-trust.js';
import { TrustDocumentStore } from '../trust/trust-document-store.js';
import type { VersionRow } from '../versions/version-store.js';
import { bundleFiles, type BundleDocument } from './bundle.js';
import { sha256Sums, tarOf, textFile } from './bundle-file.js';

export interface EvidenceBundle {
  readonly fileName: string;
  /** A POSIX tar. */
  readonly bytes: Buffer;
}

/**
 * Collects everything an auditor needs to check one version without this server, and signs the collection. The export is
 * itself an event, which stands in the log before the bundle leaves and is the last leaf in it.
 */
@Injectable()
export class ExportEvidence {
  constructor(
    private readonly database: Database,
    private readonly keybroker: KeybrokerClient,
    private readonly documents: TrustDocumentStore,
    private readonly audit: AuditLog,
    private readonly log: AuditReader,
  ) {}

  async execute(actor: Actor, version: VersionRow): Promise<EvidenceBundle> {
    const { manifest, digest, model, number } = version;
    const scanReport = version.scanReports[0];
    if (manifest === null || digest === null || scanReport === undefined) {
      throw new RegistryError('evidence_unavailable', {
        kind: 'conflict',
        publicDetail: `${model.name}@${number} is ${version.stage}; there is evidence once it is finalised and scanned.`,
      });
    }
    const eventId = await this.database.transaction((tx) =>
      this.audit.append(tx, registryEvents.evidenceExported(actor, version)),
    );
    await this.audit.sequenced(eventId);
    const [everything, evaluation, recorded] = await Promise.all([
      this.keybroker.trust(),
      this.keybroker.evaluate(version.id),
      this.documents.about(actor.organizationId, [digest]),
    ]);
    const trust = organizationTrust(everything, actor.organizationName);
    const approvals = recorded
      .filter(({ kind }) => kind === 'approval')
      .map(({ envelope }) => JSON.parse(envelope));
    const chosen = relevantDocuments(trust, approvals, digest, {
      organization: actor.organizationName,
      project: model.project.name,
    });
    const { checkpoint, leaves } = await this.log.proveAbout([
      version.id,
      ...chosen.map((each) => each.digest),
    ]);
    const timestamp = await this.log.timestamp(Number(checkpoint.split('\n')[1]));
    const exportedAt = new Date();
    const files = bundleFiles({
      model: model.name,
      number,
      versionDigest: digest,
      manifest,
      scanReport: scanReport.report,
      exportedAt,
      trust,
      evaluation,
      documents: chosen,
      publicKeys: publicKeys(trust),
      leaves,
      checkpoint,
      ...(timestamp && { timestamp }),
    });
    const sums = sha256Sums(files);
    const cms = await this.keybroker.signCms(Buffer.from(sums));
    const folder = `${model.name}-${number}-evidence`;
    const signed = [...files, textFile('SHA256SUMS', sums), textFile('SHA256SUMS.cms', cms)];
    return { fileName: `${folder}.tar`, bytes: await tarOf(folder, signed, exportedAt) };
  }
}

/** The policy in force, the reviewers' certificates, the approvals, and every revocation of any of these. */
function relevantDocuments(
  trust: TrustRoot,
  approvals: readonly DsseEnvelope[],
  versionDigest: string,
  scope: { organization: string; project: string },
): BundleDocument[] {
  const chosen = new Map<string, BundleDocument>();
  const take = (kind: DocumentKind, { digest, envelope }: TrustDocument) =>
    chosen.set(digest, { kind, digest, envelope });

  for (const document of trust.policies.map(readTrustDocument)) {
    const policy = readPolicy(document);
    if (policy.organization === scope.organization && policy.project === scope.project)
      take('policy', document);
  }
  const people = new Set<string>();
  for (const document of approvals.map(readTrustDocument)) {
    people.add(readApproval(document).person);
    take('approval', document);
  }
  for (const document of trust.reviewerCertificates.map(readTrustDocument)) {
    if (people.has(readReviewerCertificate(document).person)) take('reviewer-certificate', document);
  }
  for (const document of trust.revocations.map(readTrustDocument)) {
    const { targetDigest } = readRevocation(document);
    if (targetDigest === versionDigest || chosen.has(targetDigest)) take('revocation', document);
  }
  return [...chosen.values()];
}

function publicKeys(trust: TrustRoot): Map<string, string> {
  const keys = new Map(trust.officers.map(({ keyId, publicKey }) => [keyId, publicKey]));
  for (const envelope of trust.reviewerCertificates) {
    const { keyId, publicKey } = readReviewerCertificate(readTrustDocument(envelope));
    keys.set(keyId, publicKey.export({ type: 'spki', format: 'pem' }).toString());
  }
  return keys;
}
