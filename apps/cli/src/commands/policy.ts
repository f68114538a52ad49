import { Command } from 'commander';
import { policyPayload, readPolicy, readTrustDocument } from '@castellan/approval-policy';
import type { TrustRoot } from '@castellan/contracts';
import { Invocation, type Surroundings } from '../invocation.js';
import { nameText, quorumPart, wholeNumber, type QuorumPart } from './arguments.js';
import { signAndSubmit } from './sign-and-submit.js';

interface SignOptions {
  readonly officerKey: string;
  readonly project: string;
  readonly quorum?: QuorumPart[];
  readonly maxAgeDays: number;
  readonly policyVersion?: number;
  readonly scanGate: boolean;
  readonly yes?: boolean;
}

export function policyCommand(around: Surroundings): Command {
  return new Command('policy')
    .description('what a project asks before one of its versions may be served')
    .addCommand(show(around))
    .addCommand(sign(around));
}

function show(around: Surroundings): Command {
  return new Command('show')
    .description('list the policies that the keybroker honours')
    .action(async (_options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const policies = policiesOf(await (await invocation.api()).trust());
      const lines = policies.map(
        ({ organization, project, version, quorum, gates, approvalMaxAgeDays }) =>
          `${organization}/${project} v${version}: ${quorum.map(({ role, count }) => `${count} × ${role}`).join(', ')}` +
          `${gates.scan === undefined ? '' : ', scan clean'}, approvals for ${approvalMaxAgeDays} days`,
      );
      invocation.terminal.result({ policies }, lines.join('\n') || 'No policy yet: nothing can be served.');
    });
}

function sign(around: Surroundings): Command {
  return new Command('sign')
    .description("as an officer: sign a project's policy")
    .requiredOption('--project <name>', 'the project', nameText)
    .requiredOption('--officer-key <file>', "the officer's private key")
    .option(
      '--quorum <role=count>',
      'so many approvals by that role; may be repeated (default: reviewer=1)',
      quorumPart,
    )
    .option('--max-age-days <n>', 'how long an approval counts', wholeNumber, 90)
    .option('--policy-version <n>', 'default: one more than the honoured one', wholeNumber)
    .option('--no-scan-gate', 'do not ask for a clean scan')
    .option('--yes', 'sign without asking')
    .action(async (options: SignOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const [{ organization }, trust] = await Promise.all([api.me(), api.trust()]);
      const { project } = options;
      const payload = policyPayload({
        organization,
        project,
        version: options.policyVersion ?? nextVersion(trust, organization, project),
        quorum: options.quorum ?? [{ role: 'reviewer', count: 1 }],
        gates: options.scanGate ? { scan: 'clean' } : {},
        approvalMaxAgeDays: options.maxAgeDays,
      });
      const title = `Policy of ${organization}/${project}`;
      await signAndSubmit(invocation, {
        title,
        payload,
        keyPath: options.officerKey,
        yes: options.yes === true,
      });
    });
}

function policiesOf(trust: TrustRoot) {
  return trust.policies.map((envelope) => readPolicy(readTrustDocument(envelope)));
}

function nextVersion(trust: TrustRoot, organization: string, project: string): number {
  const versions = policiesOf(trust)
    .filter((policy) => policy.organization === organization && policy.project === project)
    .map(({ version }) => version);
  return Math.max(0, ...versions) + 1;
}
