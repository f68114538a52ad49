import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Synthesis, SynthesisPrice, SynthesisRequest } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import type { ApiClient } from '../client/api-client.js';
import { saveResponse } from '../client/save-response.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { lossText } from '../terminal/loss-text.js';
import { decimalText, nameText, wholeNumber } from './arguments.js';

interface Options {
  readonly dataset: string;
  readonly epsilon: string;
  readonly columns?: string[];
  readonly bins: number;
  readonly rowsPerUnit: number;
  readonly rows?: number;
  readonly output?: string;
}

const POLL_MS = 500;

/** `privacy synthesize`: the price alone without `-o`, else the price, the job and the table. */
export function synthesizeCommand(around: Surroundings): Command {
  return new Command('synthesize')
    .description('have a synthetic table made; without --output only the price is told, which costs nothing')
    .requiredOption('--dataset <name>', 'the protected table', nameText)
    .requiredOption('--epsilon <decimal>', 'what you are ready to spend', decimalText)
    .option('--columns <name...>', 'category and number columns (default: all)')
    .option('--bins <count>', 'equal parts of the bounds of a number', wholeNumber, 16)
    .option('--rows-per-unit <count>', 'rows of one unit that count', wholeNumber, 1)
    .option('--rows <count>', 'rows to draw (default: as many as there are estimated to be)', wholeNumber)
    .option('-o, --output <file>', 'where to write the table (CSV)')
    .action(async (options: Options, command: Command) => {
      const invocation = new Invocation(around, command);
      const { terminal, signal } = invocation;
      const { dataset, columns, bins, rowsPerUnit, epsilon, output, rows } = options;
      const request: SynthesisRequest = { bins, rowsPerUnit, epsilon, ...(columns && { columns }) };
      const api = await invocation.api();
      const price = await api.synthesisPrice(dataset, request);
      if (output === undefined) return terminal.result(price, describePrice(price));
      terminal.say(describePrice(price));
      const requested = await api.synthesize(dataset, request);
      const made = await untilMade(api, dataset, requested, signal);
      await saveResponse(await api.syntheticTable(dataset, made.id, rows), output);
      terminal.result({ ...made, file: output }, describeMade(made, output));
    });
}

async function untilMade(
  api: ApiClient,
  dataset: string,
  synthesis: Synthesis,
  signal: AbortSignal,
): Promise<Synthesis> {
  let current = synthesis;
  while (current.state === 'waiting' || current.state === 'running') {
    await sleep(POLL_MS, undefined, { signal });
    current = await api.synthesis(dataset, synthesis.id);
  }
  if (current.state === 'done') return current;
  throw new CastellanError({
    code: 'synthesis_failed',
    kind: 'unavailable',
    publicDetail:
      current.state === 'refunded'
        ? `The table could not be opened (${current.failure ?? 'unknown'}): nothing was measured and nothing was charged.`
        : `The work failed after it had started on the data (${current.failure ?? 'unknown'}), so it was charged.`,
  });
}

function describePrice(price: SynthesisPrice): string {
  const { remaining, free, single, pair, candidates } = price;
  const cost = free ? 'nothing: it has been made before' : lossText(price);
  const pairs = pair
    ? [`${pair.marginals} of ${candidates} pairs of columns: each count 95 % within ±${pair.interval95}`]
    : [];
  return [
    `It costs ${cost}; ${remaining} remains.`,
    `${single.marginals} columns: each count 95 % within ±${single.interval95} (${single.mechanism})`,
    ...pairs,
  ].join('\n');
}

function describeMade({ pairs = [], rows = 0, ...loss }: Synthesis, output: string): string {
  const measured = pairs.map(([left, right]) => `${left} × ${right}`).join(', ');
  return [
    output,
    `About ${rows} rows were estimated. Measured together: ${measured === '' ? 'no columns' : measured}.`,
    `What it cost, ${lossText(loss)}, covers this table and every other one drawn from it.`,
  ].join('\n');
}
