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
});

/** The vault's events in words, for the console and for exports. */
export const vaultEventMeanings = catalogue.meanings;

const about = ({ id, organizationId }: RotationRow) => ({
  organizationId,
  resource: { kind: 'key-rotation', id },
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

  retirementRequested: (
    actor: Actor,
    project: { id: string; name: string; organizationId: string },
    version: number,
  ): AuditEvent =>
    catalogue.event('key-retirement.requested', {
      actor: personActor(actor),
      organizationId: project.organizationId,
      resource: { kind: 'project', id: project.id },
      decision: 'allow',
      details: { project: project.name, version },
    }),
};
