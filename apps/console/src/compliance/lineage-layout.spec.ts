import { describe, expect, it } from '@jest/globals';
import type { Trace, TraceNode } from '@castellan/contracts';
import { lineageOf } from './lineage-layout.js';

const node = (id: string, kind: TraceNode['kind']): TraceNode => ({ id, kind, label: id });
const edges = (...pairs: readonly string[]) =>
  pairs.map((pair) => {
    const [from = '', to = ''] = pair.split(' > ');
    return { from, to, relation: 'rests on' };
  });
const trace = (nodes: TraceNode[], ...pairs: readonly string[]): Trace => ({
  ...{ subject: 'version', nodes, edges: edges(...pairs) },
  ...{ predictions: '2', more: false },
});

describe('the picture of a lineage', () => {
  const lineage = lineageOf(
    trace(
      [
        node('version', 'version'),
        node('file', 'file'),
        node('deployment', 'deployment'),
        node('one', 'prediction'),
        node('two', 'prediction'),
        node('table', 'dataset'),
        node('pipeline', 'pipeline'),
        node('copy', 'masked-copy'),
        node('release', 'release'),
      ],
      ...['version > file', 'version > release', 'release > table', 'deployment > version'],
      ...['one > deployment', 'two > deployment', 'pipeline > table', 'copy > table', 'copy > pipeline'],
    ),
  );
  const box = (id: string) => lineage.boxes.find(({ node: { id: it } }) => it === id);

  it('stands each thing right of all that it rests on, and no two on each other', () => {
    for (const { from, to } of lineage.edges) expect(from.x).toBeGreaterThan(to.x);
    expect(new Set(lineage.boxes.map(({ x, y }) => `${x} ${y}`)).size).toBe(lineage.boxes.length);
    for (const { x, y } of lineage.boxes)
      expect(x < lineage.width && y >= 0 && y < lineage.height).toBe(true);
  });

  it('draws predictions of one deployment once, and neither files nor lines that another way says already', () => {
    expect([box('one')?.count, box('two'), box('file')]).toEqual([2, undefined, undefined]);
    const drawn = lineage.edges.map(({ from, to }) => `${from.node.id} > ${to.node.id}`);
    expect(drawn).toContain('copy > pipeline');
    expect(drawn).not.toContain('copy > table');
  });

  it('ends with a circle that only a made-up log can hold', () => {
    const circle = trace([node('version', 'version'), node('a', 'dataset')], 'version > a', 'a > version');
    expect(lineageOf(circle).boxes).toHaveLength(2);
  });
});
