import type { Trace, TraceNode } from '@castellan/contracts';

/** What data become on their way to predictions. Everything else that a thing rests on stands in the lists. */
const LINEAGE: ReadonlySet<TraceNode['kind']> = new Set([
  'dataset',
  'masked-copy',
  'synthetic-table',
  'pipeline',
  'release',
  'version',
  'deployment',
  'prediction',
]);

export const BOX = { width: 172, height: 56 } as const;
const GAP = { x: 44, y: 18 } as const;
const MARGIN = 4;

export interface LineageBox {
  readonly node: TraceNode;
  /** How many predictions the box stands for. */
  readonly count: number;
  readonly x: number;
  readonly y: number;
}

export interface Lineage {
  readonly boxes: readonly LineageBox[];
  /** `from` rests on `to`, which stands to the left of it. */
  readonly edges: readonly {
    readonly from: LineageBox;
    readonly to: LineageBox;
    readonly relation: string;
  }[];
  readonly width: number;
  readonly height: number;
}

/**
 * Where each thing stands: one column right of everything that it rests on, near the middle of that. Predictions by the same
 * deployment are one box, unless they are the subject.
 */
export function lineageOf(trace: Trace): Lineage {
  const { nodes, standsFor } = gathered(trace);
  const ids = new Set(nodes.map(({ id }) => id));
  const rests = new Map<string, Map<string, string>>(nodes.map(({ id }) => [id, new Map()]));
  for (const { from, to, relation } of trace.edges) {
    const [left, right] = [standsFor.get(to) ?? to, standsFor.get(from) ?? from];
    if (left !== right && ids.has(left) && ids.has(right)) rests.get(right)?.set(left, relation);
  }
  for (const on of rests.values())
    for (const other of [...on.keys()]) if (isReachedAnyway(rests, on, other)) on.delete(other);
  const columns = columnsOf(nodes, rests);
  const height = Math.max(0, ...columns.map(heightOf)) + 2 * MARGIN;
  const boxes = new Map<string, LineageBox>();
  columns.forEach((column, x) => {
    const middle = ({ id }: TraceNode): number => {
      const ys = [...(rests.get(id)?.keys() ?? [])].map((to) => boxes.get(to)?.y ?? 0);
      return ys.length === 0 ? 0 : ys.reduce((sum, y) => sum + y, 0) / ys.length;
    };
    const top = (height - heightOf(column)) / 2;
    column
      .toSorted((a, b) => middle(a) - middle(b))
      .forEach((node, y) => {
        const count = [...standsFor.values()].filter((id) => id === node.id).length;
        const at = { x: MARGIN + x * (BOX.width + GAP.x), y: top + y * (BOX.height + GAP.y) };
        boxes.set(node.id, { node, count: Math.max(1, count), ...at });
      });
  });
  const edges = [...rests].flatMap(([id, on]) =>
    [...on].flatMap(([other, relation]) => {
      const [from, to] = [boxes.get(id), boxes.get(other)];
      return from === undefined || to === undefined ? [] : [{ from, to, relation }];
    }),
  );
  const width = Math.max(0, columns.length * (BOX.width + GAP.x) - GAP.x) + 2 * MARGIN;
  return { boxes: [...boxes.values()], edges, width, height };
}

type Rests = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Whether another of the things that it rests on leads there too: then a line of its own would only run behind boxes. */
function isReachedAnyway(rests: Rests, on: ReadonlyMap<string, string>, other: string): boolean {
  const seen = new Set<string>();
  const waiting = [...on.keys()].filter((id) => id !== other);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === other) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...(rests.get(id)?.keys() ?? []));
  }
  return false;
}

/** Predictions that rest on the same thing stand as the first of them. */
function gathered({ nodes, edges, subject }: Trace): { nodes: TraceNode[]; standsFor: Map<string, string> } {
  const first = new Map<string, string>();
  const standsFor = new Map<string, string>();
  for (const { id, kind } of nodes) {
    if (kind !== 'prediction' || id === subject) continue;
    const through = edges.find(({ from }) => from === id)?.to ?? '';
    if (!first.has(through)) first.set(through, id);
    standsFor.set(id, first.get(through) ?? id);
  }
  const drawn = nodes.filter(({ id, kind }) => LINEAGE.has(kind) && (standsFor.get(id) ?? id) === id);
  return { nodes: drawn, standsFor };
}

/** Nodes by the longest way down to what rests on nothing. */
function columnsOf(nodes: readonly TraceNode[], rests: Rests): TraceNode[][] {
  const known = new Map<string, number>();
  const depth = (id: string): number => {
    const found = known.get(id);
    if (found !== undefined) return found;
    // Whoever comes back to it on the way finds it at the left edge: a circle ends there.
    known.set(id, 0);
    const depths = [...(rests.get(id)?.keys() ?? [])].map((to) => 1 + depth(to));
    known.set(id, Math.max(0, ...depths));
    return known.get(id) ?? 0;
  };
  const columns: TraceNode[][] = [];
  for (const node of nodes) (columns[depth(node.id)] ??= []).push(node);
  return Array.from(columns, (column) => column ?? []);
}

function heightOf(column: readonly unknown[]): number {
  return column.length * (BOX.height + GAP.y) - GAP.y;
}
