import { Command, InvalidArgumentError } from 'commander';
import { PrivacyClient } from '../client/privacy-client.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { unitOf } from '../terminal/loss-text.js';
import { decimalText, nameText, probabilityText } from './arguments.js';

interface ReconcileOptions {
  readonly epsilon?: string;
  readonly rho?: string;
  readonly delta?: string;
  readonly reason: string;
}

export function reconcileCommand(around: Surroundings): Command {
  return new Command('reconcile')
    .description(
      'as steward, after a restore: say what was spent since the backup; then the dataset answers again',
    )
    .argument('<dataset>', 'the protected table', nameText)
    .option(
      '--epsilon <decimal|all>',
      'what was spent; "all" (what is left) if nobody can know',
      allOr(decimalText),
    )
    .option('--rho <decimal|all>', 'instead, where losses are added up in rho', allOr(decimalText))
    .option('--delta <probability|all>', 'as well', allOr(probabilityText))
    .requiredOption('--reason <text>', 'how you know: it stands in the ledger and in the audit log for ever')
    .action(async (dataset: string, said: ReconcileOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const { connection } = await invocation.api();
      const ledger = await new PrivacyClient(connection, dataset).reconcile(said);
      const { accounting, spent, limit, remaining } = ledger;
      invocation.terminal.result(
        ledger,
        `${dataset} answers again: ${unitOf(accounting)} ${spent} of ${limit} spent, ${remaining} remains`,
      );
    });
}

function allOr(read: (text: string) => string): (text: string) => string {
  return (text) => {
    if (text === 'all') return text;
    try {
      return read(text);
    } catch (cause) {
      throw new InvalidArgumentError(`${cause instanceof Error ? cause.message : String(cause)} Or "all".`);
    }
  };
}
