import { readManifest, type VersionManifest } from '@castellan/approval-policy';
import type { Purpose } from '@castellan/contracts';
import type { Peer } from '@castellan/http';
import type { JudgeVersion } from './judge-version.js';
import { ReleaseRefusal } from './release-refusal.js';
import type { SealedFileRecord, SubjectRecords, VersionRecord } from './subject-records.js';

/** What keys are asked for. */
export interface ReleaseSubject {
  readonly kind: 'version' | 'dataset';
  readonly id: string;
}

/** What may be released, and on what grounds. */
export interface Permit {
  readonly subject: ReleaseSubject;
  readonly projectId: string;
  readonly organizationId: string;
  readonly files: readonly SealedFileRecord[];
  /** For versions. */
  readonly manifest?: string;
  readonly versionDigest?: string;
  /** For purpose `serve`: the documents that allowed it. */
  readonly policyDigest?: string;
  readonly approvals?: readonly string[];
}

/** Who may ask for what: a purpose belongs to one role and one kind of subject. */
const rights = {
  serve: { role: 'worker', kind: 'version' },
  scan: { role: 'jobs', kind: 'version' },
  measure: { role: 'jobs', kind: 'dataset' },
} as const satisfies Record<Purpose, { role: string; kind: ReleaseSubject['kind'] }>;

/** Decides whether a process may have the data keys of a subject for a purpose. Whatever isn't allowed here is refused. */
export class PermitRelease {
  constructor(
    private readonly records: SubjectRecords,
    private readonly judgeVersion: JudgeVersion,
  ) {}

  /** @throws ReleaseRefusal; KeybrokerError `version_unknown`, `version_not_finalized`, `dataset_unknown` */
  async permit(purpose: Purpose, subject: ReleaseSubject, peer: Pick<Peer, 'role'>): Promise<Permit> {
    const { role, kind } = rights[purpose];
    if (peer.role !== role || subject.kind !== kind) {
      const detail = `A ${peer.role} may not ask for the keys of a ${subject.kind} to ${purpose} it.`;
      throw new ReleaseRefusal([{ code: 'purpose_not_permitted', detail }]);
    }
    switch (purpose) {
      case 'serve':
        return this.#permitServing(subject);
      case 'scan':
        return permitVersion(subject, await this.records.version(subject.id));
      case 'measure':
        return this.#permitMeasuring(subject);
    }
  }

  async #permitServing(subject: ReleaseSubject): Promise<Permit> {
    const version = await this.records.version(subject.id);
    const decision = await this.judgeVersion.judge(version);
    if (!decision.allowed) throw new ReleaseRefusal(decision.reasons);
    const { policyDigest, countedApprovals } = decision;
    return {
      ...permitVersion(subject, version),
      policyDigest,
      approvals: countedApprovals.map(({ digest }) => digest),
    };
  }

  async #permitMeasuring(subject: ReleaseSubject): Promise<Permit> {
    const { projectId, organizationId, file } = await this.records.dataset(subject.id);
    if (file === undefined) {
      throw new ReleaseRefusal([
        { code: 'dataset_not_sealed', detail: 'The dataset has no sealed table yet.' },
      ]);
    }
    return { subject, projectId, organizationId, files: [file] };
  }
}

function permitVersion(subject: ReleaseSubject, version: VersionRecord): Permit {
  const { projectId, organizationId, manifest, digest } = version;
  const { files } = readManifest(manifest, digest);
  return {
    subject,
    projectId,
    organizationId,
    manifest,
    versionDigest: digest,
    files: filesOf(files, version),
  };
}

/** The manifest says which files there are; the rows only say where they lie. */
function filesOf(files: VersionManifest['files'], version: VersionRecord): SealedFileRecord[] {
  return files.map(({ path, sizeBytes, sha256 }) => {
    const row = version.files.find((file) => file.path === path);
    if (row?.sha256 === sha256 && row.sizeBytes === sizeBytes) return row;
    throw new ReleaseRefusal([
      { code: 'files_mismatch', detail: `The stored files do not have ${path} as the manifest has it.` },
    ]);
  });
}
