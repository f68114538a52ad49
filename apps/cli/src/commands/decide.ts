import { Command } from 'commander';
import { decisionOn } from '../documents/decision-on.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { versionReference, wholeNumber } from './arguments.js';
import { showReview } from './review.js';
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

function decideCommand(around: Surroundings, decision: 'approve' | 'reject'): Command {
  return new Command(decision)
    .argument('<ref>', 'model@number', versionReference)
    .option('--days <n>', 'days for which the decision stands', wholeNumber, 90)
    .option('--key <file>', 'the key file (default: the profile folder)')
    .option('--yes', 'sign without asking')
    .action(async (ref: string, options: DecideOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const [{ name: person }, review] = await Promise.all([api.me(), api.review(ref)]);
      const { reason, days } = options;
      const payload = decisionOn(review, { decision, person, reason, days, issuedAt: invocation.now() });
      showReview(invocation.terminal, review);
      await signAndSubmit(invocation, {
        title: `${person} will ${decision} ${ref}`,
        payload,
        keyPath: options.key ?? invocation.keyPath,
        yes: options.yes === true,
      });
    });
}
