import { Command } from 'commander';
import { revocationOf } from '../documents/decision-on.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { sha256Text, versionReference } from './arguments.js';
import { showReview } from './review.js';
import { signAndSubmit } from './sign-and-submit.js';

interface RevokeOptions {
  readonly reason: string;
  readonly approval?: string;
  readonly key?: string;
  readonly yes?: boolean;
}

export function revokeCommand(around: Surroundings): Command {
  return new Command('revoke')
    .description('sign that a version, or one approval of it, no longer counts; for good')
    .argument('<ref>', 'model@number', versionReference)
    .requiredOption('--reason <text>', 'why')
    .option('--approval <digest>', 'take back this one approval, not the version', sha256Text)
    .option('--key <file>', 'the key file (default: the profile folder)')
    .option('--yes', 'sign without asking')
    .action(async (ref: string, options: RevokeOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const [{ name: person }, review] = await Promise.all([api.me(), api.review(ref)]);
      const { reason, approval } = options;
      const payload = revocationOf(review, { person, reason, approval, issuedAt: invocation.now() });
      showReview(invocation.terminal, review);
      await signAndSubmit(invocation, {
        title: `${person} will revoke ${approval === undefined ? ref : `an approval of ${ref}`}`,
        payload,
        keyPath: options.key ?? invocation.keyPath,
        yes: options.yes === true,
      });
    });
}
