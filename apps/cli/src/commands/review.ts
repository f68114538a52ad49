import { Command } from 'commander';
import type { Review } from '@castellan/contracts';
import { requireOwnDigest } from '../documents/own-digest.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatBytes } from '../terminal/format.js';
import type { Terminal } from '../terminal/terminal.js';
import { versionReference } from './arguments.js';

export function reviewCommand(around: Surroundings): Command {
  return new Command('review')
    .description('show a version as a reviewer must see it: files, scan, policy, what stands in the way')
    .argument('<ref>', 'model@number', versionReference)
    .action(async (ref: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const review = await (await invocation.api()).review(ref);
      requireOwnDigest(review);
      invocation.terminal.result(review, describeReview(review));
    });
}

export function showReview(terminal: Terminal, review: Review): void {
  terminal.say(describeReview(review));
}

function describeReview({ organization, version, policyDigest, evidence, evaluation }: Review): string {
  return [
    `${version.model}@${version.number} of ${organization}/${version.project}, by ${version.author}`,
    `digest  ${version.digest ?? 'not final'}`,
    ...version.files.map(
      ({ path, sizeBytes, sha256 }) => `file    ${path}  ${formatBytes(sizeBytes)}  ${sha256}`,
    ),
    `policy  ${policyDigest ?? 'none'}`,
    ...evidence.map(({ kind, verdict, sha256 }) => `${kind.padEnd(8)}${verdict}  ${sha256}`),
    ...(version.scan?.findings ?? []).map(
      ({ severity, code, path, detail }) => `  ${severity} ${code} in ${path}: ${detail}`,
    ),
    ...evaluation.approvals.map(
      ({ person, role, expiresAt }) => `approved by ${person} as ${role}, until ${expiresAt}`,
    ),
    evaluation.allowed ? 'may be served' : 'may not be served:',
    ...evaluation.reasons.map(({ code, detail }) => `  ${detail} (${code})`),
  ].join('\n');
}
