import { type Actor, personActor } from '@castellan/access';
import { type AuditEvent, defineEvents, details } from '@castellan/audit';
import type { ManifestFile } from '@castellan/contracts';
import type { ModelRow } from './models/model-store.js';
import type { TrustDocumentRow } from './trust/trust-document-store.js';
import type { VersionRow } from './versions/version-store.js';

const catalogue = defineEvents({
  'model.created': {
    meaning: 'A model was opened for versions.',
    details: details<{ name: string; projectId: string }>(),
  },
  'version.started': {
    meaning: 'The next version of a model was opened for upload.',
    details: details<{ ref: string }>(),
  },
  'version.file-stored': {
    meaning: 'A file of a version was sealed and stored.',
    details: details<{ ref: string; path: string; sizeBytes: number; sha256: string }>(),
  },
  'version.sent': {
    meaning: 'A version was described for another platform, with its wrapped data keys.',
    details: details<{ ref: string }>(),
  },
  'version.received': {
    meaning: 'A version came from another platform, sealed; it is scanned and reviewed here.',
    details: details<{ ref: string; project: string; versionDigest: string }>(),
  },
  'version.upload-started': {
    meaning: 'A file of a version began to come in by pieces.',
    details: details<{ ref: string; path: string; lengthBytes?: number }>(),
  },
  'version.upload-advanced': {
    meaning: 'A piece of a file was sealed and stored.',
    details: details<{ ref: string; path: string; offsetBytes: number }>(),
  },
  'version.upload-dropped': {
    meaning: 'A file that was coming in by pieces was given up; what had come of it was removed.',
    details: details<{ ref: string; path: string; offsetBytes: number; reason: string }>(),
  },
  'project.quota-set': {
    meaning: 'How much the versions of a project may take was set, or the limit lifted.',
    details: details<{ project: string; limitBytes: number | null }>(),
  },
  'version.finalized': {
    meaning: 'The files of a version were fixed; it got its digest and went into quarantine.',
    details: details<{ ref: string; files: number }>(),
  },
  'version.abandoned': { meaning: 'An upload was given up.', details: details<{ ref: string }>() },
  'version.scanned': {
    meaning: 'A version was scanned; a clean one became a candidate, any other was rejected.',
    details: details<{ ref: string; report: string; verdict: string; stage: string }>(),
  },
  'storage.blobs-swept': {
    meaning: 'Stored blobs that nothing named, left behind by processes that died, were removed.',
    details: details<{ count: number; blobKeys: readonly string[] }>(),
  },
  'document.recorded': {
    meaning: 'A signed policy, reviewer certificate, approval or revocation was verified and recorded.',
    details: details<{ kind: string; subject: string }>(),
  },
  'evidence.exported': {
    meaning: 'The evidence for a version was exported.',
    details: details<{ ref: string }>(),
  },
});

/** The registry's events in words, for the console and for exports. */
export const registryEventMeanings = catalogue.meanings;

const refOf = (version: VersionRow) => `${version.model.name}@${version.number}`;

const whoever = (by: Actor | 'jobs') =>
  by === 'jobs' ? ({ kind: 'process', name: by } as const) : personActor(by);

const aboutVersion = (version: VersionRow) => ({
  organizationId: version.model.organizationId,
  resource: {
    kind: 'version',
    id: version.id,
    ...(version.digest === null ? {} : { digest: version.digest }),
  },
  decision: 'allow' as const,
});

/** Every event that the registry records, each made from what it is about. */
export const registryEvents = {
  modelCreated: (actor: Actor, { id, name, projectId, organizationId }: ModelRow): AuditEvent =>
    catalogue.event('model.created', {
      actor: personActor(actor),
      organizationId,
      resource: { kind: 'model', id },
      decision: 'allow',
      details: { name, projectId },
    }),

  versionStarted: (actor: Actor, version: VersionRow): AuditEvent =>
    catalogue.event('version.started', {
      actor: personActor(actor),
      ...aboutVersion(version),
      details: { ref: refOf(version) },
    }),

  fileStored: (actor: Actor, version: VersionRow, { path, sizeBytes, sha256 }: ManifestFile): AuditEvent =>
    catalogue.event('version.file-stored', {
      actor: personActor(actor),
      ...aboutVersion(version),
      details: { ref: refOf(version), path, sizeBytes, sha256 },
    }),

  uploadStarted: (
    actor: Actor,
    version: VersionRow,
    upload: { path: string; lengthBytes?: number },
  ): AuditEvent =>
    catalogue.event('version.upload-started', {
      actor: personActor(actor),
      ...aboutVersion(version),
      details: { ref: refOf(version), ...upload },
    }),

  uploadAdvanced: (
    actor: Actor,
    version: VersionRow,
    upload: { path: string; offsetBytes: number },
  ): AuditEvent =>
    catalogue.event('version.upload-advanced', {
      actor: personActor(actor),
      ...aboutVersion(version),
      details: { ref: refOf(version), ...upload },
    }),

  uploadDropped: (
    by: Actor | 'jobs',
    version: VersionRow,
    { path, offsetBytes }: { path: string; offsetBytes: bigint },
    reason: string,
  ): AuditEvent =>
    catalogue.event('version.upload-dropped', {
      actor: whoever(by),
      ...aboutVersion(version),
      details: { ref: refOf(version), path, offsetBytes: Number(offsetBytes), reason },
    }),

  /** Names the first hundred: an event has a limit. */
  blobsSwept: (blobKeys: readonly string[]): AuditEvent =>
    catalogue.event('storage.blobs-swept', {
      actor: whoever('jobs'),
      decision: 'allow',
      details: { count: blobKeys.length, blobKeys: blobKeys.slice(0, 100) },
    }),

  quotaSet: (
    actor: Actor,
    project: { id: string; name: string; organizationId: string },
    limitBytes: number | null,
  ): AuditEvent =>
    catalogue.event('project.quota-set', {
      actor: personActor(actor),
      organizationId: project.organizationId,
      resource: { kind: 'project', id: project.id },
      decision: 'allow',
      details: { project: project.name, limitBytes },
    }),

  versionSent: (actor: Actor, version: VersionRow): AuditEvent =>
    catalogue.event('version.sent', {
      actor: personActor(actor),
      ...aboutVersion(version),
      details: { ref: refOf(version) },
    }),

  /** `came`: under which project and digest it was known where it came from. */
  versionReceived: (
    actor: Actor,
    version: VersionRow,
    came: { project: string; versionDigest: string },
  ): AuditEvent =>
    catalogue.event('version.received', {
      actor: personActor(actor),
      ...aboutVersion(version),
      details: { ref: refOf(version), ...came },
    }),

  versionFinalized: (actor: Actor, version: VersionRow): AuditEvent =>
    catalogue.event('version.finalized', {
      actor: personActor(actor),
      ...aboutVersion(version),
      details: { ref: refOf(version), files: version.files.length },
    }),

  versionAbandoned: (by: Actor | 'jobs', version: VersionRow): AuditEvent =>
    catalogue.event('version.abandoned', {
      actor: whoever(by),
      ...aboutVersion(version),
      details: { ref: refOf(version) },
    }),

  versionScanned: (
    process: string,
    version: VersionRow,
    scan: { report: string; verdict: string; stage: string },
  ): AuditEvent =>
    catalogue.event('version.scanned', {
      actor: { kind: 'process', name: process },
      ...aboutVersion(version),
      details: { ref: refOf(version), ...scan },
    }),

  documentRecorded: (actor: Actor, { digest, kind, subject, organizationId }: TrustDocumentRow): AuditEvent =>
    catalogue.event('document.recorded', {
      actor: personActor(actor),
      organizationId,
      resource: { kind: 'document', id: digest, digest },
      decision: 'allow',
      details: { kind, subject },
    }),

  evidenceExported: (actor: Actor, version: VersionRow): AuditEvent =>
    catalogue.event('evidence.exported', {
      actor: personActor(actor),
      ...aboutVersion(version),
      details: { ref: refOf(version) },
    }),
};
