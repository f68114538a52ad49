import { Command } from 'commander';
import { OutlierReport } from '@castellan/contracts';
import { awaitTask } from '../datasets/await-task.js';
import { openResult } from '../datasets/open-result.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { printable } from '../terminal/printable.js';
import { nameText, wholeNumber } from './arguments.js';

export function outliers(around: Surroundings): Command {
  return new Command('outliers')
    .description(
      'which records of your sealed table are unlike all others; opened here, for its steward alone',
    )
    .argument('<dataset>', 'the protected table', nameText)
    .option('--clusters <count>', 'into how many groups usual records fall, at most', wholeNumber, 8)
    .option('--show <count>', 'how many are shown', wholeNumber, 20)
    .action(async (dataset: string, options: { clusters: number; show: number }, command: Command) => {
      const invocation = new Invocation(around, command);
      const { terminal, signal } = invocation;
      const api = await invocation.api();
      const { clusters } = options;
      const asked = await api.requestTask(dataset, { request: { kind: 'outliers', clusters } });
      const task = await awaitTask(api, asked, (line) => terminal.say(line), signal);
      const bytes = await openResult(api, dataset, task.id);
      const report = OutlierReport.parse(JSON.parse(new TextDecoder().decode(bytes)));
      terminal.result({ task, report }, describe(report, options.show));
    });
}

function describe({ rows, sampled, clusters, outliers }: OutlierReport, show: number): string {
  const lines = outliers
    .slice(0, show)
    .map(({ row, score, cluster, columns }) => [
      String(row),
      score.toFixed(1),
      String(cluster + 1),
      columns.map(({ name, share }) => `${printable(name)} ${Math.round(share * 100)} %`).join(', '),
    ]);
  const looked = `${rows} records; ${sampled} of them said what is usual, in ${clusters.length} clusters.`;
  if (lines.length === 0) return `${looked}\nNo record stands out.`;
  return [
    looked,
    formatTable(['RECORD', 'SCORE', 'CLUSTER', 'BECAUSE OF'], lines),
    "Score: distance from the nearest cluster, in that cluster's own median distance.",
  ].join('\n');
}
