import { createHash, randomUUID } from 'node:crypto';
import { decideRelease, readApproval, readTrustDocument } from '@castellan/approval-policy';
import { canonicalize } from '@castellan/canonical-json';
import type {
  CreateModel,
  Evaluation,
  FileStored,
  Me,
  Model,
  Review,
  Upload,
  Version,
} from '@castellan/contracts';
import type { z } from 'zod';
import { FakeRefusal } from './fake-refusal.js';
import { digestOf, type FakeTrust } from './fake-trust.js';

interface FakeUpload {
  readonly id: string;
  readonly path: string;
  readonly lengthBytes: number;
  bytes: Buffer;
}

interface StoredVersion {
  version: Version;
  readonly uploads: FakeUpload[];
  manifest?: string;
}

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

/** Models and versions in memory; the manifest, the digest and the evaluation are real. */
export class FakeRegistry {
  readonly #models: Model[] = [];
  readonly #versions: StoredVersion[] = [];

  constructor(
    private readonly organization: string,
    private readonly trust: FakeTrust,
  ) {}

  createModel({ name, project, description = '' }: z.input<typeof CreateModel>, now: Date): Model {
    if (this.#models.some((model) => model.name === name))
      throw new FakeRefusal(409, 'model_exists', `There is a model "${name}" already.`);
    const model = { id: randomUUID(), name, project, description, createdAt: now.toISOString() };
    this.#models.push(model);
    return model;
  }

  models(): Model[] {
    return this.#models.map((model) => {
      const latest = this.versionsOf(model.name).at(-1);
      return latest === undefined
        ? model
        : { ...model, latestVersion: latest.number, latestStage: latest.stage };
    });
  }

  model(name: string): Model {
    const model = this.models().find((each) => each.name === name || each.id === name);
    if (model === undefined) throw new FakeRefusal(404, 'model_unknown', `There is no model "${name}".`);
    return model;
  }

  versionsOf(model: string): Version[] {
    return this.#versions.map(({ version }) => version).filter((version) => version.model === model);
  }

  version(ref: string): Version {
    return this.#find(ref).version;
  }

  start(modelName: string, author: Me, now: Date): Version {
    const { name, project } = this.model(modelName);
    const version: Version = {
      id: randomUUID(),
      model: name,
      project,
      number: this.versionsOf(name).length + 1,
      stage: 'uploading',
      author: author.name,
      files: [],
      createdAt: now.toISOString(),
    };
    this.#versions.push({ version, uploads: [] });
    return version;
  }

  storeFile(ref: string, path: string, bytes: Buffer): z.infer<typeof FileStored> {
    const stored = this.#find(ref);
    const file = { path, sizeBytes: bytes.length, sha256: sha256(bytes) };
    const files = [...stored.version.files.filter((each) => each.path !== path), file];
    stored.version = { ...stored.version, files };
    return file;
  }

  uploads(ref: string): Upload[] {
    const unfinished = this.#find(ref).uploads.filter(({ bytes, lengthBytes }) => bytes.length < lengthBytes);
    return unfinished.map(shownUpload);
  }

  beginUpload(ref: string, path: string, lengthBytes: number): Upload {
    const upload = { id: randomUUID(), path, lengthBytes, bytes: Buffer.alloc(0) };
    this.#find(ref).uploads.push(upload);
    return shownUpload(upload);
  }

  upload(ref: string, id: string): FakeUpload {
    const found = this.#find(ref).uploads.find((upload) => upload.id === id);
    if (found === undefined) throw new FakeRefusal(404, 'upload_unknown', 'There is no such upload.');
    return found;
  }

  append(ref: string, id: string, offset: number, bytes: Buffer): FakeUpload {
    const upload = this.upload(ref, id);
    if (offset !== upload.bytes.length)
      throw new FakeRefusal(409, 'upload_offset_conflict', `It ends at ${upload.bytes.length}.`);
    upload.bytes = Buffer.concat([upload.bytes, bytes]);
    if (upload.bytes.length === upload.lengthBytes) this.storeFile(ref, upload.path, upload.bytes);
    return upload;
  }

  finalize(ref: string, now: Date): Version {
    const stored = this.#find(ref);
    const { project, model, number, author, createdAt, files } = stored.version;
    if (files.length === 0) throw new FakeRefusal(400, 'version_empty', 'This version has no files yet.');
    const sorted = files.toSorted((left, right) => (left.path < right.path ? -1 : 1));
    stored.manifest = canonicalize({
      format: 'castellan.manifest/v1',
      organization: this.organization,
      project,
      model,
      number,
      author,
      createdAt,
      files: sorted.map((file) => ({ ...file })),
    });
    stored.version = {
      ...stored.version,
      files: sorted,
      stage: 'quarantined',
      digest: sha256(stored.manifest),
      finalizedAt: now.toISOString(),
    };
    return stored.version;
  }

  /** What the scan job does, with the verdict decided by whoever sets the scene. */
  scan(
    ref: string,
    scan: Pick<NonNullable<Version['scan']>, 'verdict' | 'findings'>,
    format = 'keras-h5',
  ): Version {
    const stored = this.#find(ref);
    stored.version = {
      ...stored.version,
      format,
      stage: scan.verdict === 'clean' ? 'candidate' : 'rejected',
      scan: { ...scan, digest: sha256(`scan report of ${stored.version.digest}`) },
    };
    return stored.version;
  }

  abandon(ref: string): void {
    this.#versions.splice(this.#versions.indexOf(this.#find(ref)), 1);
  }

  review(ref: string, now: Date): Review {
    const { version, manifest } = this.#find(ref);
    if (manifest === undefined)
      throw new FakeRefusal(409, 'version_not_finalized', 'It can be reviewed once it is finalised.');
    const { policy } = this.trust;
    const { scan } = version;
    const { allowed, reasons, approvals } = this.evaluate(ref, now);
    return {
      organization: this.organization,
      version,
      manifest,
      ...(policy === undefined ? {} : { policyDigest: digestOf(policy) }),
      evidence: scan === undefined ? [] : [{ kind: 'scan', sha256: scan.digest, verdict: scan.verdict }],
      evaluation: { allowed, reasons, approvals },
    };
  }

  evaluate(ref: string, now: Date): Evaluation {
    const { version, manifest = '' } = this.#find(ref);
    const versionDigest = version.digest ?? '';
    const decision = decideRelease({
      ...this.trust.material(),
      officers: this.trust.officerKeys,
      policy: this.trust.policy,
      approvals: this.trust.approvalsFor(versionDigest),
      manifest,
      versionDigest,
      now,
    });
    return {
      allowed: decision.allowed,
      versionDigest,
      ...(decision.policyDigest === undefined ? {} : { policyDigest: decision.policyDigest }),
      reasons: decision.allowed ? [] : decision.reasons.map(({ code, detail }) => ({ code, detail })),
      approvals: decision.countedApprovals.map(({ digest, person, role, issuedAt, expiresAt }) => ({
        digest,
        person,
        role,
        issuedAt: issuedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      })),
    };
  }

  /** The api says so before the broker would: an author's own approval is hopeless. */
  refuseAuthorsApproval(envelope: Parameters<typeof readTrustDocument>[0]): void {
    const document = readTrustDocument(envelope);
    if (!document.predicateType.endsWith('/approval/v1')) return;
    const { person, versionDigest } = readApproval(document);
    const about = this.#versions.find(({ version }) => version.digest === versionDigest)?.version;
    if (about?.author !== person) return;
    const ref = `${about.model}@${about.number}`;
    const detail = `${person} is the author of ${ref}, and an author can't review her own version.`;
    throw new FakeRefusal(403, 'author_may_not_review', detail);
  }

  #find(ref: string): StoredVersion {
    const found = this.#versions.find(
      ({ version: { id, model, number } }) => id === ref || `${model}@${number}` === ref,
    );
    if (found === undefined) throw new FakeRefusal(404, 'version_unknown', `There is no version "${ref}".`);
    return found;
  }
}

function shownUpload({ id, path, lengthBytes, bytes }: FakeUpload): Upload {
  const now = new Date().toISOString();
  return { id, path, lengthBytes, offsetBytes: bytes.length, createdAt: now, expiresAt: now };
}
