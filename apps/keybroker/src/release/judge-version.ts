import { createHash } from 'node:crypto';
import {
  decideRelease,
  projectDigest,
  readManifest,
  TrustError,
  type CountedApproval,
  type ReleaseDecision,
} from '@castellan/approval-policy';
import type { Clock } from '@castellan/audit';
import { type Evaluation, ScanReport } from '@castellan/contracts';
import type { KeyMemory } from '../keys/key-memory.js';
import type { HonouredDocuments } from '../trust/honoured-documents.js';
import type { RefusalReason } from './release-refusal.js';
import type { SubjectRecords, VersionRecord } from './subject-records.js';

/**
 * Whether a version may be served now. Approvals come from the database, since their absence only refuses; policy,
 * certificates, revocations and rejections come from the broker's own state; the rule is `approval-policy`'s.
 */
export class JudgeVersion {
  constructor(
    private readonly records: SubjectRecords,
    private readonly documents: HonouredDocuments,
    private readonly memory: KeyMemory,
    private readonly clock: Clock,
  ) {}

  async judge(version: VersionRecord): Promise<ReleaseDecision> {
    const stored = await this.records.decisionsAbout(version.digest);
    const rejections = this.documents.rejectionsOf(version.digest);
    return decideRelease({
      ...this.documents.trustMaterial,
      manifest: version.manifest,
      versionDigest: version.digest,
      policy: this.#policyOf(version),
      approvals: [...rejections, ...stored],
      now: this.clock.now(),
    });
  }

  /**
   * Whether each of these approvals attests a clean report of a scan that compared both digests of every file. The text of a
   * report comes from the database, and counts if it has the digest that was signed.
   */
  async treesAttested(version: VersionRecord, approvals: readonly CountedApproval[]): Promise<boolean> {
    const named = approvals.flatMap(({ scanReports }) => scanReports);
    const texts = await this.records.scanReports(named);
    const attests = (digest: string) => comparesTrees(texts.get(digest), digest, version.digest);
    return approvals.every(({ scanReports }) => scanReports.some(attests));
  }

  /** The rule of a release without a release. @throws KeybrokerError `version_unknown`, `version_not_finalized` */
  async evaluate(versionId: string): Promise<Evaluation> {
    const version = await this.records.version(versionId);
    const decision = await this.judge(version);
    const reasons = [...this.#destruction(versionId), ...(decision.allowed ? [] : decision.reasons)];
    return {
      allowed: reasons.length === 0,
      versionDigest: version.digest,
      ...(decision.policyDigest === undefined ? {} : { policyDigest: decision.policyDigest }),
      reasons: reasons.map(({ code, detail }) => ({ code, detail })),
      approvals: decision.countedApprovals.map(({ digest, person, role, issuedAt, expiresAt }) => ({
        digest,
        person,
        role,
        issuedAt: issuedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      })),
    };
  }

  /** Approvals outlive the keys that they were about. */
  #destruction(versionId: string): RefusalReason[] {
    if (!this.memory.isShredded('version', versionId)) return [];
    return [{ code: 'keys_destroyed', detail: 'The keys of this version have been destroyed.' }];
  }

  #policyOf({ manifest, digest }: VersionRecord) {
    try {
      const { organization, project } = readManifest(manifest, digest);
      return this.documents.policyFor(projectDigest(organization, project));
    } catch (fault) {
      // The rule will say the same, as its reason.
      if (fault instanceof TrustError) return undefined;
      throw fault;
    }
  }
}

function comparesTrees(text: string | undefined, digest: string, versionDigest: string): boolean {
  if (text === undefined || createHash('sha256').update(text, 'utf8').digest('hex') !== digest) return false;
  const report = ScanReport.safeParse(parsed(text));
  if (!report.success || report.data.versionDigest !== versionDigest) return false;
  const { verdict, digests = [] } = report.data;
  return verdict === 'clean' && digests.includes('sha256Tree');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
