import { readManifest, type VersionManifest } from '@castellan/approval-policy';
import type { Purpose, SubjectKind } from '@castellan/contracts';
import type { Peer } from '@castellan/http';
import type { DataKeySubject } from '@castellan/vault';
import type { JudgeDataRequest } from './judge-data-request.js';
import type { JudgeVersion } from './judge-version.js';
import { ReleaseRefusal } from './release-refusal.js';
import type { SealedFileRecord, SubjectRecords, VersionRecord } from './subject-records.js';

/** What keys are asked for. */
export interface ReleaseSubject {
  readonly kind: SubjectKind;
  readonly id: string;
}

/** What may be released, and on what grounds. */
export interface Permit {
  readonly subject: ReleaseSubject;
  /** What the data keys were made for, when that is not the subject: work on a dataset opens the dataset's. */
  readonly keySubject?: Pick<DataKeySubject, 'kind' | 'id'>;
  readonly projectId: string;
  readonly organizationId: string;
  readonly files: readonly SealedFileRecord[];
  /** For versions. */
  readonly manifest?: string;
  readonly versionDigest?: string;
  /** The documents that allowed it. */
  readonly policyDigest?: string;
  readonly approvals?: readonly string[];
  /** Whether each of these approvals attests that the version's digest trees are those of its files. */
  readonly treesAttested?: boolean;
}

/** Who may ask for what: a purpose belongs to one role and one kind of subject. */
const rights = {
  serve: { role: 'worker', kind: 'version' },
  scan: { role: 'jobs', kind: 'version' },
  train: { role: 'jobs', kind: 'version' },
  measure: { role: 'jobs', kind: 'dataset' },
  classify: { role: 'jobs', kind: 'task' },
  outliers: { role: 'jobs', kind: 'task' },
  mask: { role: 'jobs', kind: 'task' },
  reidentify: { role: 'jobs', kind: 'task' },
  export: { role: 'api', kind: 'task' },
} as const satisfies Record<Purpose, { role: string; kind: ReleaseSubject['kind'] }>;

/** Decides whether a process may have the data keys of a subject for a purpose. Whatever isn't allowed here is refused. */
export class PermitRelease {
  constructor(
    private readonly records: SubjectRecords,
    private readonly judgeVersion: JudgeVersion,
    private readonly judgeDataRequest: JudgeDataRequest,
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
      case 'train':
        return this.#permitApproved(subject);
      case 'scan':
        return permitVersion(subject, await this.records.version(subject.id));
      case 'measure':
        return this.#permitMeasuring(subject);
      case 'export':
        return this.#permitExport(subject);
      case 'classify':
      case 'outliers':
      case 'mask':
      case 'reidentify':
        return this.#permitWork(purpose, subject);
    }
  }

  /** To run a version and to train on from it take the same approvals. */
  async #permitApproved(subject: ReleaseSubject): Promise<Permit> {
    const version = await this.records.version(subject.id);
    const decision = await this.judgeVersion.judge(version);
    if (!decision.allowed) throw new ReleaseRefusal(decision.reasons);
    const { policyDigest, countedApprovals } = decision;
    return {
      ...permitVersion(subject, version),
      policyDigest,
      approvals: countedApprovals.map(({ digest }) => digest),
      treesAttested: await this.judgeVersion.treesAttested(version, countedApprovals),
    };
  }

  async #permitMeasuring(subject: ReleaseSubject): Promise<Permit> {
    const { projectId, organizationId, file } = await this.records.dataset(subject.id);
    if (file === undefined) throw notSealed();
    return { subject, projectId, organizationId, files: [file] };
  }

  /** The table, for the one kind of work that was asked for and allowed. */
  async #permitWork(purpose: Purpose, subject: ReleaseSubject): Promise<Permit> {
    const task = await this.records.task(subject.id);
    const { id, projectId, organizationId, file } = task.dataset;
    if (file === undefined) throw notSealed();
    const { head, approvals } = await this.judgeDataRequest.require(task);
    if (head.kind !== purpose)
      throw new ReleaseRefusal([{ code: 'request_differs', detail: `The request is to ${head.kind}.` }]);
    return {
      subject,
      keySubject: { kind: 'dataset', id },
      projectId,
      organizationId,
      files: [file],
      approvals,
    };
  }

  /** The result, while the request holds. Its key was made for the text of the request: another text doesn't open it. */
  async #permitExport(subject: ReleaseSubject): Promise<Permit> {
    const task = await this.records.task(subject.id);
    const { projectId, organizationId } = task.dataset;
    const { digest, approvals } = await this.judgeDataRequest.require(task);
    if (task.result === undefined)
      throw new ReleaseRefusal([{ code: 'result_missing', detail: 'The task has no result.' }]);
    const files = [{ ...task.result, path: `${digest}.result` }];
    return { subject, keySubject: { kind: 'task', id: digest }, projectId, organizationId, files, approvals };
  }
}

function notSealed(): ReleaseRefusal {
  return new ReleaseRefusal([{ code: 'dataset_not_sealed', detail: 'The dataset has no sealed table yet.' }]);
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
