import { Command } from 'commander';
import { revocationPayload } from '@castellan/approval-policy';
import { Invocation, type Surroundings } from '../invocation.js';
import { sha256Text, versionReference } from './arguments.js';
import { requireOwnDigest, showReview } from './review.js';
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
      const [me, review] = await Promise.all([api.me(), api.review(ref)]);
      const versionDigest = requireOwnDigest(review);
      const target = options.approval === undefined ? 'version' : 'approval';
      const payload = revocationPayload(
        { name: ref, sha256: options.approval ?? versionDigest },
        {
          target,
          organization: review.organization,
          project: review.version.project,
          person: me.name,
          reason: options.reason,
          issuedAt: invocation.now().toISOString(),
        },
      );
      showReview(invocation.terminal, review);
      await signAndSubmit(invocation, {
        title: `${me.name} will revoke ${target === 'version' ? ref : `an approval of ${ref}`}`,
        payload,
        keyPath: options.key ?? invocation.keyPath,
        yes: options.yes === true,
      });
    });
}
