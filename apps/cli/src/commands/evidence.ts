import { Command } from 'commander';
import { CastellanError } from '@castellan/errors';
import { saveResponse } from '../client/save-response.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { describeVerification } from '../evidence/describe-verification.js';
import { readOfficerPin, type OfficerPin } from '../evidence/officer-pin.js';
import { verifyBundleFile } from '../evidence/verify-bundle.js';
import { versionReference } from './arguments.js';

export function evidenceCommand(around: Surroundings): Command {
  return new Command('evidence')
    .description('proof for somebody who trusts neither the operators nor the database')
    .addCommand(exportBundle(around))
    .addCommand(verify(around));
}

function exportBundle(around: Surroundings): Command {
  return new Command('export')
    .description("save a version's evidence bundle")
    .argument('<ref>', 'model@number', versionReference)
    .requiredOption('-o, --output <file>', 'where to write the tar')
    .action(async (ref: string, { output }: { output: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const response = await (await invocation.api()).evidence(ref);
      await saveResponse(response, output);
      invocation.terminal.result(
        { ref, file: output },
        `${output}\nCheck it with: castellan evidence verify ${output}`,
      );
    });
}

interface VerifyOptions {
  readonly officer: string[];
  readonly ca?: string;
  readonly tsaCa?: string;
}

function verify(around: Surroundings): Command {
  return new Command('verify')
    .description('check a bundle here, without any server; every fault is named')
    .argument('<file>', 'the bundle')
    .option(
      '--officer <pem|fingerprint...>',
      'public keys of the officers you trust: PEM files or key ids',
      [],
    )
    .option('--ca <pem>', 'the platform CA certificate you were given')
    .option('--tsa-ca <pem>', 'the CA certificate of the time-stamp authority you trust')
    .action(async (file: string, options: VerifyOptions, command: Command) => {
      const { terminal } = new Invocation(around, command);
      const officers: OfficerPin[] = await Promise.all(options.officer.map(readOfficerPin));
      const verification = await verifyBundleFile(file, {
        officers,
        caFile: options.ca,
        timeCaFile: options.tsaCa,
      });
      terminal.result(verification, describeVerification(verification));
      if (!verification.ok)
        throw new CastellanError({
          code: 'evidence_invalid',
          kind: 'forbidden',
          publicDetail: `${file} does not hold up: ${verification.faults.length} fault(s).`,
        });
    });
}
