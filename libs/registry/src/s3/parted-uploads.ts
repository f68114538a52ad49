import { createSecretKey, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import type { ManifestFile } from '@castellan/contracts';
import { partedUploadBusy, partedUploadUnknown } from './s3-refusals.js';

export interface StoredPart {
  readonly number: number;
  readonly blobKey: string;
  /** What its sealing is bound to. */
  readonly dataKeyId: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly storedAt: Date;
}

/** A file that comes in by parts, in any order. */
export interface PartedUpload {
  readonly id: string;
  readonly versionId: string;
  readonly projectId: string;
  readonly path: string;
  /** Seals the parts. Nobody else ever has it: with this process the parts are unreadable. */
  readonly key: KeyObject;
  readonly parts: Map<number, StoredPart>;
  /** Declared lengths of parts on their way. */
  arrivingBytes: number;
  readonly startedAt: Date;
  touchedAt: Date;
  /** Set while, and once, it is completed. */
  completion?: Promise<ManifestFile>;
  completed: boolean;
}

/** Multipart uploads under way: in this process's memory, as the keys of their parts are. */
export class PartedUploads {
  readonly #uploads = new Map<string, PartedUpload>();

  begin(file: Pick<PartedUpload, 'versionId' | 'projectId' | 'path'>, now: Date): PartedUpload {
    const raw = randomBytes(32);
    const key = createSecretKey(raw);
    raw.fill(0);
    const fresh = {
      parts: new Map<number, StoredPart>(),
      arrivingBytes: 0,
      startedAt: now,
      touchedAt: now,
      completed: false,
    };
    const upload = { id: randomUUID(), ...file, key, ...fresh };
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  /** @throws parted_upload_unknown */
  find(versionId: string, path: string, id: string): PartedUpload {
    const upload = this.#uploads.get(id);
    if (upload?.versionId !== versionId || upload.path !== path) throw partedUploadUnknown();
    return upload;
  }

  /** One that parts may still come for. @throws parted_upload_unknown, parted_upload_busy */
  open(versionId: string, path: string, id: string): PartedUpload {
    const upload = this.find(versionId, path, id);
    if (upload.completed) throw partedUploadUnknown();
    if (upload.completion !== undefined) throw partedUploadBusy();
    return upload;
  }

  isKnown({ id }: PartedUpload): boolean {
    return this.#uploads.has(id);
  }

  unfinishedOf(versionId: string): PartedUpload[] {
    return [...this.#uploads.values()].filter(
      (upload) => upload.versionId === versionId && !upload.completed,
    );
  }

  /** What is stored for parts of a project, or on its way. */
  heldBytes(projectId: string): number {
    const ofProject = [...this.#uploads.values()].filter((upload) => upload.projectId === projectId);
    return ofProject.reduce((sum, upload) => sum + upload.arrivingBytes + partBytes(upload), 0);
  }

  idleSince(limit: Date): PartedUpload[] {
    return [...this.#uploads.values()].filter(({ touchedAt }) => touchedAt < limit);
  }

  forget({ id }: Pick<PartedUpload, 'id'>): void {
    this.#uploads.delete(id);
  }

  forgetVersion(versionId: string): void {
    for (const [id, upload] of this.#uploads) if (upload.versionId === versionId) this.#uploads.delete(id);
  }
}

export function partBytes({ parts }: PartedUpload): number {
  return [...parts.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
