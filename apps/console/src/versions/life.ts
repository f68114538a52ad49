import type { Deployment, Review, Version } from '@castellan/contracts';
import { type Decisions, type Standing, standingOf } from '../review/decisions.js';
import type { Tone } from '../ui/pill.js';

/** One thing that happened to a version, or the one that is awaited. */
export type LifeStep =
  | { readonly kind: 'started'; readonly at: string; readonly person: string }
  | { readonly kind: 'fixed'; readonly at: string; readonly files: number }
  | { readonly kind: 'uploading' }
  | { readonly kind: 'scanning' }
  | { readonly kind: 'scanned'; readonly verdict: 'clean' | 'findings' | 'unreadable' }
  | {
      readonly kind: 'decided';
      readonly at: string;
      readonly person: string;
      readonly reason: string;
      readonly standing: Standing;
    }
  | { readonly kind: 'tookBack'; readonly at: string; readonly person: string; readonly reason: string }
  | { readonly kind: 'revoked'; readonly at: string; readonly person: string; readonly reason: string }
  | { readonly kind: 'awaitingApproval' }
  | { readonly kind: 'approved' }
  | {
      readonly kind: 'deployed';
      readonly name: string;
      readonly phase: Deployment['phase'];
      readonly at: string;
    }
  | { readonly kind: 'destroyed' };

/** A version's life so far, in order, ending with what it waits for. */
export function lifeOf(
  version: Version,
  review: Review | undefined,
  { decisions, versionRevocations }: Decisions,
  deployments: readonly Deployment[],
  now: Date,
): LifeStep[] {
  const steps: LifeStep[] = [{ kind: 'started', at: version.createdAt, person: version.author }];
  if (version.finalizedAt === undefined) return [...steps, { kind: 'uploading' }];
  steps.push({ kind: 'fixed', at: version.finalizedAt, files: version.files.length });
  if (version.scan === undefined) return [...steps, { kind: 'scanning' }];
  steps.push({ kind: 'scanned', verdict: version.scan.verdict });

  const counted = review?.evaluation.approvals.map(({ digest }) => digest) ?? [];
  const signed = [
    ...decisions.flatMap((decision): (LifeStep & { at: string })[] => [
      {
        kind: 'decided',
        at: decision.approval.issuedAt,
        person: decision.approval.person,
        reason: decision.approval.reason,
        standing: standingOf(decision, counted, now),
      },
      ...(decision.revocation === undefined
        ? []
        : [{ kind: 'tookBack' as const, ...taken(decision.revocation) }]),
    ]),
    ...versionRevocations.map((revocation) => ({ kind: 'revoked' as const, ...taken(revocation) })),
  ].toSorted((left, right) => left.at.localeCompare(right.at));
  steps.push(...signed);

  if (review?.evaluation.allowed === true) steps.push({ kind: 'approved' });
  else if (version.stage === 'candidate' && versionRevocations.length === 0)
    steps.push({ kind: 'awaitingApproval' });
  const running = deployments.filter(({ versionId }) => versionId === version.id);
  steps.push(
    ...running.map(({ name, phase, updatedAt }) => ({
      kind: 'deployed' as const,
      name,
      phase,
      at: updatedAt,
    })),
  );
  if (version.stage === 'destroyed') steps.push({ kind: 'destroyed' });
  return steps;
}

function taken({ issuedAt, person, reason }: { issuedAt: string; person: string; reason: string }) {
  return { at: issuedAt, person, reason };
}

const standingTones: Readonly<Record<Standing, Tone>> = {
  counts: 'good',
  rejects: 'bad',
  revoked: 'idle',
  expired: 'idle',
  idle: 'wait',
};

const phaseTones: Readonly<Record<Deployment['phase'], Tone>> = {
  pending: 'busy',
  loading: 'busy',
  ready: 'good',
  refused: 'bad',
  failed: 'bad',
  stopped: 'idle',
};

/** Whether a step went well, went wrong, or is still to come. */
export function toneOf(step: LifeStep): Tone {
  switch (step.kind) {
    case 'started':
    case 'fixed':
    case 'approved':
      return 'good';
    case 'uploading':
    case 'scanning':
      return 'busy';
    case 'scanned':
      return step.verdict === 'clean' ? 'good' : 'bad';
    case 'decided':
      return standingTones[step.standing];
    case 'tookBack':
    case 'revoked':
      return 'bad';
    case 'destroyed':
      return 'idle';
    case 'awaitingApproval':
      return 'wait';
    case 'deployed':
      return phaseTones[step.phase];
  }
}
