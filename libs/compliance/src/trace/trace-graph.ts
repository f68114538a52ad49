import type { Trace, TraceNode } from '@castellan/contracts';

/** A graph under construction: every node once, every edge once. */
export class TraceGraph {
  readonly #nodes = new Map<string, TraceNode>();
  readonly #edges = new Map<string, Trace['edges'][number]>();

  /** @returns the node's id */
  add(node: TraceNode): string {
    if (!this.#nodes.has(node.id)) this.#nodes.set(node.id, node);
    return node.id;
  }

  has(id: string): boolean {
    return this.#nodes.has(id);
  }

  /** `from` rests on `to`. */
  link(from: string, to: string, relation: string): void {
    this.#edges.set(`${from}\n${to}\n${relation}`, { from, to, relation });
  }

  finish(subject: string, predictions: { readonly count: number; readonly more: boolean }): Trace {
    return {
      subject,
      nodes: [...this.#nodes.values()],
      edges: [...this.#edges.values()],
      predictions: String(predictions.count),
      more: predictions.more,
    };
  }
}
