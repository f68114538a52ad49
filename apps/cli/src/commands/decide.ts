import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { approvalPayload } from '@castellan/approval-policy';
import { CastellanError } from '@castellan/errors';
import { Invocation, type Surroundings } from '../invocation.js';
import { versionReference, wholeNumber } from './arguments.js';
import { daysAfter } from './days.js';
import { requireOwnDigest, showReview } from './review.js';
import { signAndSubmit } from './sign-and-submit.js';

interface DecideOptions {
  readonly reason: string;
  readonly days: number;
  readonly key?: string;
  readonly yes?: boolean;
}

export function approveCommand(around: Surroundings): Command {
  return decideCommand(around, 'approve')
    .description('sign that a version may be served')
    .option('--reason <text>', 'why', 'reviewed');
}

export function rejectCommand(around: Surroundings): Command {
  return decideCommand(around, 'reject')
    .description('sign that a version may not be served')
    .requiredOption('--reason <text>', 'why');
}

/** A reviewer's decision over {version digest, policy digest, evidence, reason, expiry}, shown before it is signed. */
function decideCommand(around: Surroundings, decision: 'approve' | 'reject'): Command {
  return new Command(decision)
    .argument('<ref>', 'model@number', versionReference)
    .option('--days <n>', 'days for which the decision stands', wholeNumber, 90)
    .option('--key <file>', 'the key file (default: the profile folder)')
    .option('--yes', 'sign without asking')
    .action(async (ref: string, options: DecideOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const [me, review] = await Promise.all([api.me(), api.review(ref)]);
      const versionDigest = requireOwnDigest(review);
      const { version, organization, policyDigest, evidence } = review;
      if (policyDigest === undefined) throw noPolicy(version.project);
      const issuedAt = invocation.now();
      const payload = approvalPayload(
        { name: `${version.model}@${version.number}`, versionDigest },
        {
          decision,
          organization,
          project: version.project,
          person: me.name,
          policyDigest,
          evidence,
          reason: options.reason,
          issuedAt: issuedAt.toISOString(),
          expiresAt: daysAfter(issuedAt, options.days),
          nonce: randomUUID(),
        },
      );
      showReview(invocation.terminal, review);
      await signAndSubmit(invocation, {
        title: `${me.name} will ${decision} ${ref}`,
        payload,
        keyPath: options.key ?? invocation.keyPath,
        yes: options.yes === true,
      });
    });
}

function noPolicy(project: string): CastellanError {
  return new CastellanError({
    code: 'policy_missing',
    kind: 'conflict',
    publicDetail: `The project ${project} has no policy yet; an officer signs one with "castellan policy sign".`,
  });
}
