import { CommanderError, type Command } from 'commander';
import { CastellanError } from '@castellan/errors';
import type { Surroundings } from './invocation.js';
import { buildProgram } from './program.js';
import { printable } from './terminal/printable.js';
import { UsageError } from './usage-error.js';

export type ExitCode = 0 | 1 | 2;

/** Carries out one command line. Never throws: 0 done, 1 refused or failed, 2 usage. */
export async function run(argv: readonly string[], around: Surroundings): Promise<ExitCode> {
  const program = buildProgram(around);
  prepare(program, around);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    tell(error, around, argv.includes('--json'));
    return error instanceof UsageError ? 2 : 1;
  }
}

/** commander ends the process and writes to it by itself unless every command is told not to. */
function prepare(command: Command, around: Surroundings): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => around.stdout.write(text),
    writeErr: (text) => around.stderr.write(text),
  });
  command.commands.forEach((child) => prepare(child, around));
}

function tell(error: unknown, around: Surroundings, json: boolean): void {
  const { code, kind, detail, meta } = describe(error, around.signal.aborted);
  const text = json
    ? JSON.stringify({ error: { code, kind, detail, ...meta } })
    : `castellan: ${printable(detail)} (${code})`;
  around.stderr.write(`${text}\n`);
}

function describe(error: unknown, interrupted: boolean) {
  if (interrupted) return { code: 'interrupted', kind: 'unavailable', detail: 'Interrupted.', meta: {} };
  if (error instanceof CastellanError)
    return {
      code: error.code,
      kind: error.kind,
      detail: error.publicDetail,
      meta: error.meta ? { meta: error.meta } : {},
    };
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'defect', kind: 'internal', detail, meta: {} };
}
