import type { Trace, TraceNode } from '@castellan/contracts';
import { Command, Option } from 'commander';
import { Invocation, type Surroundings } from '../invocation.js';

const kinds = ['prediction', 'version', 'deployment', 'dataset'] as const;

/** `castellan trace REF`: back to what it rests on, forward to what rests on it. */
export function traceCommand(around: Surroundings): Command {
  return new Command('trace')
    .description('what a prediction, version, deployment or dataset rests on, and what rests on it')
    .argument('<ref>', 'model@number, an event id of a prediction, or a name with --kind')
    .addOption(new Option('--kind <kind>', 'what it is, where that is not plain').choices(kinds))
    .action(async (ref: string, { kind }: { kind?: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const trace = await (await invocation.api()).trace(kind ?? kindOf(ref), ref);
      invocation.terminal.result(trace, drawn(trace));
    });
}

function kindOf(ref: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(ref)) return 'prediction';
  return ref.includes('@') || /^[0-9a-f]{64}$/.test(ref) ? 'version' : 'deployment';
}

/** The graph as two trees below the subject. */
function drawn({ subject, nodes, edges, predictions, more }: Trace): string {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const describe = (id: string): string => {
    const node = byId.get(id);
    return node === undefined ? id : line(node);
  };
  const up = (id: string, indent: string, seen: ReadonlySet<string>): string[] =>
    edges
      .filter(({ from, to }) => from === id && !seen.has(to))
      .flatMap(({ to, relation }) => [
        `${indent}${relation}: ${describe(to)}`,
        ...up(to, `${indent}  `, new Set([...seen, to])),
      ]);
  const down = (id: string, indent: string, seen: ReadonlySet<string>): string[] =>
    edges
      .filter(({ from, to }) => to === id && !seen.has(from))
      .flatMap(({ from }) => [
        `${indent}${describe(from)}`,
        ...down(from, `${indent}  `, new Set([...seen, from])),
      ]);
  const resting = down(subject, '  ', new Set([subject]));
  return [
    describe(subject),
    'rests on',
    ...up(subject, '  ', new Set([subject])),
    ...(resting.length === 0 ? [] : ['on it rests', ...resting]),
    ...(predictions === '0' ? [] : [`predictions: ${more ? 'more than ' : ''}${predictions}`]),
  ].join('\n');
}

function line({ kind, label, detail, digest, leafIndex }: TraceNode): string {
  const parts = [
    kind,
    label,
    detail,
    digest?.slice(0, 16),
    leafIndex === undefined ? undefined : `leaf ${leafIndex}`,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join('  ');
}
