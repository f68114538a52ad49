import { personActor, type Actor } from '@castellan/access';
import { type AuditEvent, defineEvents, details, type EventActor } from '@castellan/audit';
import type { BudgetShare, GrantedRaise, TableSource } from '@castellan/contracts';
import { readDocument } from './dataset/dataset-document.js';
import { lossText, type OfferedLimit } from './ledger/accounting.js';
import type { DatasetRow } from './dataset/dataset-store.js';
import type { Exhausted } from './ledger/admit-charge.js';
import { deltaText } from './ledger/atto-delta.js';
import type { LedgerEntryRow } from './ledger/privacy-ledger.js';
import { epsilonText } from './ledger/pico-epsilon.js';
import { bucketAddress, objectName } from './reference/bucket-address.js';
import { taskEventMeanings } from './task/task-events.js';
import type { ReleaseCard } from './measurement/release-card.js';

/** Epsilon or rho: that in which the dataset's losses are added up. */
type Loss = { readonly epsilon?: string; readonly rho?: string; readonly delta?: string };

const catalogue = defineEvents({
  'dataset.declared': {
    meaning: 'A protected dataset was declared: columns, privacy unit, bounds and budget.',
    details: details<{
      name: string;
      declarationDigest: string;
      epsilonLimit?: string;
      rhoLimit?: string;
      deltaLimit?: string;
      purpose: string;
    }>(),
  },
  'dataset.sealed': {
    meaning:
      'The table of a protected dataset, or the login for one that stays elsewhere, was sealed and stored.',
    details: details<{ name: string; sha256: string; sizeBytes: number; source?: string }>(),
  },
  'dataset.renewed': {
    meaning:
      'A steward said that a table which stays elsewhere is other data now; the budget stays what it was.',
    details: details<{ name: string; dataVersion: number }>(),
  },
  'privacy.reserved': {
    meaning: 'A question was admitted and its charge set aside.',
    details: details<{
      entry: string;
      question: string;
      questionDigest: string;
      epsilon?: string;
      rho?: string;
      delta?: string;
      project: string;
      parts?: number[];
    }>(),
  },
  'privacy.refused': {
    meaning:
      'A question was refused because the budget, or what one may spend of it, does not hold its charge.',
    details: details<{
      question: string;
      epsilon?: string;
      rho?: string;
      share: BudgetShare;
      remaining: string;
      delta?: string;
      remainingDelta?: string;
    }>(),
  },
  'privacy.reconciled': {
    meaning: 'After a restore, a steward said what had been spent since the backup; it was charged.',
    details: details<Loss & { restoredAt: string }>(),
  },
  'privacy.budget-raised': {
    meaning: 'A higher limit that two people had signed for was written into the ledger.',
    details: details<{
      task: string;
      request: string;
      share: BudgetShare;
      epsilon?: string;
      rho?: string;
      delta?: string;
    }>(),
  },
  'privacy.budget-lowered': {
    meaning: 'A lower limit was written into the ledger.',
    details: details<Loss & { task: string; request: string; share: BudgetShare }>(),
  },
  'privacy.repeated': {
    meaning: 'A question that had been answered was answered again from the store, at no cost.',
    details: details<{ entry: string; questionDigest: string }>(),
  },
  'privacy.started': {
    meaning: 'The engine was let loose on the data; from here on the charge stands.',
    details: details<{ entry: string }>(),
  },
  'privacy.released': {
    meaning: 'A noisy answer was made, stored and charged.',
    details: details<Loss & { entry: string; answer: string; card: ReleaseCard }>(),
  },
  'privacy.charged-without-answer': {
    meaning: 'The engine failed after it had started on the data; the charge stands.',
    details: details<Loss & { entry: string; failure: string }>(),
  },
  'privacy.refunded': {
    meaning: 'The engine never started on the data; the charge was lifted.',
    details: details<Loss & { entry: string; failure: string }>(),
  },
  'privacy.training-cancelled': {
    meaning: 'Somebody asked for a training to stop; once started it stays charged.',
    details: details<{ entry: string }>(),
  },
  'privacy.synthetic-table-taken': {
    meaning: 'A synthetic table that had been paid for was downloaded.',
    details: details<{ entry: string; rows: number }>(),
  },
});

/** The events of this context in words, for the console and for exports. */
export const privacyEventMeanings: ReadonlyMap<string, string> = new Map([
  ...catalogue.meanings,
  ...taskEventMeanings,
]);

const jobs: EventActor = { kind: 'process', name: 'jobs' };

const about = ({ id, organizationId, sha256 }: DatasetRow) => ({
  organizationId,
  resource: { kind: 'dataset', id, ...(sha256 === null ? {} : { digest: sha256 }) },
});

type Cost = Pick<LedgerEntryRow, 'costPico' | 'costAtto'>;

/** In the currency of the dataset. */
function costOf(dataset: DatasetRow, { costPico, costAtto }: Cost): Loss {
  const loss = lossText(readDocument(dataset).table.accounting, costPico);
  return costAtto === 0n ? loss : { ...loss, delta: deltaText(costAtto) };
}

function placeOf(source: TableSource): string {
  if (source.kind === 's3') return `${objectName(source)} at ${bucketAddress(source)}`;
  return `${source.kind}://${source.host}:${source.port}`;
}

/** Every event that this context records, each made from what it is about. Answers go in by digest only. */
export const privacyEvents = {
  declared: (
    actor: Actor,
    dataset: DatasetRow,
    { epsilonLimit, rhoLimit, deltaLimit }: OfferedLimit & { deltaLimit: string | undefined },
    purpose: string,
  ): AuditEvent =>
    catalogue.event('dataset.declared', {
      actor: personActor(actor),
      ...about(dataset),
      decision: 'allow',
      details: {
        name: dataset.name,
        declarationDigest: dataset.declarationDigest,
        ...(epsilonLimit === undefined ? {} : { epsilonLimit }),
        ...(rhoLimit === undefined ? {} : { rhoLimit }),
        ...(deltaLimit === undefined ? {} : { deltaLimit }),
        purpose,
      },
    }),

  sealed: (actor: Actor, dataset: DatasetRow, source: TableSource | undefined): AuditEvent =>
    catalogue.event('dataset.sealed', {
      actor: personActor(actor),
      ...about(dataset),
      decision: 'allow',
      details: {
        name: dataset.name,
        sha256: dataset.sha256 ?? '',
        sizeBytes: Number(dataset.sizeBytes ?? 0),
        ...(source === undefined ? {} : { source: placeOf(source) }),
      },
    }),

  renewed: (actor: Actor, dataset: DatasetRow): AuditEvent =>
    catalogue.event('dataset.renewed', {
      actor: personActor(actor),
      ...about(dataset),
      decision: 'allow',
      details: { name: dataset.name, dataVersion: dataset.dataVersion },
    }),

  reserved: (actor: Actor, dataset: DatasetRow, entry: LedgerEntryRow): AuditEvent =>
    catalogue.event('privacy.reserved', {
      actor: personActor(actor),
      ...about(dataset),
      decision: 'allow',
      details: {
        entry: entry.id,
        question: entry.question,
        questionDigest: entry.questionDigest,
        project: entry.projectId,
        ...(entry.parts.length === 0 ? {} : { parts: entry.parts }),
        ...costOf(dataset, entry),
      },
    }),

  refused: (
    actor: Actor,
    dataset: DatasetRow,
    question: string,
    cost: Cost,
    { share, remaining }: Exhausted,
  ): AuditEvent =>
    catalogue.event('privacy.refused', {
      actor: personActor(actor),
      ...about(dataset),
      decision: 'deny',
      reason: 'budget_exhausted',
      details: {
        question,
        ...costOf(dataset, cost),
        // A person's own share is theirs: by id, since the name is sealed.
        share: share.kind === 'person' ? { ...share, name: actor.personId } : share,
        remaining: epsilonText(remaining.costPico),
        ...(cost.costAtto === 0n ? {} : { remainingDelta: deltaText(remaining.costAtto) }),
      },
    }),

  reconciled: (
    actor: Actor,
    dataset: DatasetRow,
    cost: Cost,
    { reason, restoredAt }: { reason: string; restoredAt: Date },
  ): AuditEvent =>
    catalogue.event('privacy.reconciled', {
      actor: personActor(actor),
      ...about(dataset),
      decision: 'allow',
      reason,
      details: { ...costOf(dataset, cost), restoredAt: restoredAt.toISOString() },
    }),

  budgetChanged: (actor: Actor, dataset: DatasetRow, task: string, raise: GrantedRaise): AuditEvent =>
    catalogue.event(raise.lowers === true ? 'privacy.budget-lowered' : 'privacy.budget-raised', {
      actor: personActor(actor),
      ...about(dataset),
      decision: 'allow',
      details: {
        task,
        request: raise.request,
        share: raise.share,
        ...(raise.epsilonLimit === undefined ? {} : { epsilon: raise.epsilonLimit }),
        ...(raise.rhoLimit === undefined ? {} : { rho: raise.rhoLimit }),
        ...(raise.deltaLimit === undefined ? {} : { delta: raise.deltaLimit }),
      },
    }),

  repeated: (actor: Actor, dataset: DatasetRow, entry: { id: string; questionDigest: string }): AuditEvent =>
    catalogue.event('privacy.repeated', {
      actor: personActor(actor),
      ...about(dataset),
      decision: 'allow',
      details: { entry: entry.id, questionDigest: entry.questionDigest },
    }),

  started: (dataset: DatasetRow, entry: LedgerEntryRow): AuditEvent =>
    catalogue.event('privacy.started', {
      actor: jobs,
      ...about(dataset),
      decision: 'allow',
      details: { entry: entry.id },
    }),

  released: (dataset: DatasetRow, entry: LedgerEntryRow, answer: string, card: ReleaseCard): AuditEvent =>
    catalogue.event('privacy.released', {
      actor: jobs,
      ...about(dataset),
      decision: 'allow',
      details: { entry: entry.id, ...costOf(dataset, entry), answer, card },
    }),

  chargedWithoutAnswer: (dataset: DatasetRow, entry: LedgerEntryRow, failure: string): AuditEvent =>
    catalogue.event('privacy.charged-without-answer', {
      actor: jobs,
      ...about(dataset),
      decision: 'deny',
      reason: failure,
      details: { entry: entry.id, ...costOf(dataset, entry), failure },
    }),

  refunded: (dataset: DatasetRow, entry: LedgerEntryRow, failure: string): AuditEvent =>
    catalogue.event('privacy.refunded', {
      actor: jobs,
      ...about(dataset),
      decision: 'deny',
      reason: failure,
      details: { entry: entry.id, ...costOf(dataset, entry), failure },
    }),

  trainingCancelled: (actor: Actor, dataset: DatasetRow, entry: string): AuditEvent =>
    catalogue.event('privacy.training-cancelled', {
      actor: personActor(actor),
      ...about(dataset),
      decision: 'allow',
      details: { entry },
    }),

  syntheticTableTaken: (actor: Actor, dataset: DatasetRow, entry: string, rows: number): AuditEvent =>
    catalogue.event('privacy.synthetic-table-taken', {
      actor: personActor(actor),
      ...about(dataset),
      decision: 'allow',
      details: { entry, rows },
    }),
};
