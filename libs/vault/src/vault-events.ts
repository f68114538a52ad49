import { type Actor, personActor } from '@castellan/access';
import { type AuditEvent, defineEvents, details } from '@castellan/audit';
import type { RotationRow } from './keys/rotation-store.js';

const catalogue = defineEvents({
  'key-rotation.requested': {
    meaning: 'The rotation of a project’s key was asked for.',
    details: details<{ project: string; fromVersion: number }>(),
  },
  'key-rotation.cancelled': { meaning: 'The re-wrapping of a project’s data keys was stopped half way.' },
  'key-rotation.resumed': { meaning: 'The re-wrapping of a project’s data keys was taken up again.' },
  'key-rotation.finished': {
    meaning:
      'The re-wrapping of a project’s data keys came to its end; keys that did not open were left behind.',
    details: details<{ fromVersion: number; unopened: number }>(),
  },
  'key-rotation.failed': {
    meaning: 'A rotation was refused, and nothing was changed.',
    details: details<{ fromVersion: number; code: string }>(),
  },
  'key-retirement.requested': {
    meaning: 'The destruction of an older version of a project’s key was asked for.',
    details: details<{ project: string; version: number }>(),
  },
  'key-export.requested': {
    meaning: 'A project’s keys, sealed to a certificate of another platform, were asked for.',
    details: details<{ project: string; recipient: string }>(),
  },
  'key-recipient.requested': {
    meaning: 'A certificate was asked for that one project’s keys can be sealed to.',
  },
  'key-import.requested': {
    meaning: 'A package of a project’s keys from another platform was handed in.',
    details: details<{ project: string; sender: string }>(),
  },
  'project.imported': {
    meaning: 'A project of another platform was opened here, with the keys that came from there.',
    details: details<{ project: string; versions: number[] }>(),
  },
});

/** The vault's events in words, for the console and for exports. */
export const vaultEventMeanings = catalogue.meanings;

const about = ({ id, organizationId }: RotationRow) => ({
  organizationId,
  resource: { kind: 'key-rotation', id },
  decision: 'allow' as const,
});

interface ProjectRow {
  readonly id: string;
  readonly name: string;
  readonly organizationId: string;
}

const aboutProject = ({ id, organizationId }: ProjectRow) => ({
  organizationId,
  resource: { kind: 'project', id },
  decision: 'allow' as const,
});

/** Every event that the vault records, each made from what it is about. */
export const vaultEvents = {
  rotationRequested: (actor: Actor, project: string, rotation: RotationRow): AuditEvent =>
    catalogue.event('key-rotation.requested', {
      actor: personActor(actor),
      ...about(rotation),
      details: { project, fromVersion: rotation.fromVersion },
    }),

  rotationCancelled: (actor: Actor, rotation: RotationRow): AuditEvent =>
    catalogue.event('key-rotation.cancelled', { actor: personActor(actor), ...about(rotation) }),

  rotationResumed: (actor: Actor, rotation: RotationRow): AuditEvent =>
    catalogue.event('key-rotation.resumed', { actor: personActor(actor), ...about(rotation) }),

  rotationFinished: (process: string, rotation: RotationRow): AuditEvent =>
    catalogue.event('key-rotation.finished', {
      actor: { kind: 'process', name: process },
      ...about(rotation),
      details: { fromVersion: rotation.fromVersion, unopened: rotation.unopenedKeys },
    }),

  rotationFailed: (process: string, rotation: RotationRow, code: string): AuditEvent =>
    catalogue.event('key-rotation.failed', {
      actor: { kind: 'process', name: process },
      ...about(rotation),
      decision: 'deny',
      reason: code,
      details: { fromVersion: rotation.fromVersion, code },
    }),

  retirementRequested: (actor: Actor, project: ProjectRow, version: number): AuditEvent =>
    catalogue.event('key-retirement.requested', {
      actor: personActor(actor),
      ...aboutProject(project),
      details: { project: project.name, version },
    }),

  exportRequested: (actor: Actor, project: ProjectRow, recipient: string): AuditEvent =>
    catalogue.event('key-export.requested', {
      actor: personActor(actor),
      ...aboutProject(project),
      details: { project: project.name, recipient },
    }),

  recipientRequested: (actor: Actor): AuditEvent =>
    catalogue.event('key-recipient.requested', {
      actor: personActor(actor),
      organizationId: actor.organizationId,
      decision: 'allow',
    }),

  importRequested: (actor: Actor, project: ProjectRow, sender: string): AuditEvent =>
    catalogue.event('key-import.requested', {
      actor: personActor(actor),
      ...aboutProject(project),
      details: { project: project.name, sender },
    }),

  projectImported: (actor: Actor, project: ProjectRow, versions: readonly number[]): AuditEvent =>
    catalogue.event('project.imported', {
      actor: personActor(actor),
      ...aboutProject(project),
      details: { project: project.name, versions: [...versions] },
    }),
};
