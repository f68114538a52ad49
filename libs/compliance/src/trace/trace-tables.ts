import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { OpenedLog, readRecordedEvent } from '@castellan/audit';
import type { AuditRecord } from '@castellan/contracts';
import { z } from 'zod';
import type { TraceGraph } from './trace-graph.js';
import { type TracedDataset, TraceRecords } from './trace-records.js';
import { leafNode } from './trace-version.js';

/** Events of one kind about one table that are looked through, newest first. */
const MOST = 1_000;

const Masked = z.object({ task: z.string(), result: z.string(), rows: z.number(), k: z.number() });
/** A synthetic table is an answer made by this method (`synthesisCard`). */
const Synthetic = z.object({ answer: z.string(), card: z.object({ method: z.string().startsWith('MST') }) });
const Charged = z.object({ entry: z.string() });
const Step = z.object({ task: z.string(), request: z.string(), output: z.string() });

/**
 * Tables and what was made of them: masked copies, synthetic tables, and signed pipelines by which it was done. A table that holds a
 * masked copy is known by its digest, which the leaf of the copy names.
 */
@Injectable()
export class TraceTables {
  constructor(
    private readonly records: TraceRecords,
    private readonly log: OpenedLog,
  ) {}

  /** Adds a table and what was made of it. @returns it and the tables that hold a masked copy of it, or of one of them */
  async addOutcome(actor: Actor, graph: TraceGraph, dataset: TracedDataset): Promise<TracedDataset[]> {
    const table = addDataset(graph, dataset);
    const holders: TracedDataset[] = [];
    for (const record of await this.#about(dataset.id, 'dataset.masked')) {
      const copy = addCopy(graph, record);
      if (copy === undefined) continue;
      graph.link(copy.node, table, 'masked from');
      for (const holder of await this.records.datasetsHolding(actor, copy.result)) {
        const isNew = !graph.has(`dataset:${holder.id}`);
        graph.link(addDataset(graph, holder), copy.node, 'holds');
        if (isNew) holders.push(...(await this.addOutcome(actor, graph, holder)));
      }
    }
    for (const record of await this.#about(dataset.id, 'privacy.released'))
      if (isSynthetic(record)) graph.link(addRelease(graph, record), table, 'answers from');
    return [dataset, ...holders];
  }

  /** Adds a table and, if it holds a masked copy of another, that one, and so on. */
  async addOrigin(actor: Actor, graph: TraceGraph, dataset: TracedDataset): Promise<string> {
    const table = addDataset(graph, dataset);
    const { sha256 } = dataset;
    if (sha256 === null) return table;
    const filter = {
      organizationId: actor.organizationId,
      action: 'dataset.masked',
      text: sha256,
      limit: 20,
    };
    for (const record of (await this.log.search(filter)).records) {
      const sourceId = readRecordedEvent(record.event)?.resource?.id;
      const source = sourceId === undefined ? null : await this.records.dataset(actor, sourceId);
      if (source === null || maskedOf(record)?.result !== sha256) continue;
      const copy = addCopy(graph, record);
      if (copy === undefined) continue;
      graph.link(table, copy.node, 'holds');
      const isNew = !graph.has(`dataset:${source.id}`);
      graph.link(copy.node, addDataset(graph, source), 'masked from');
      if (isNew) await this.addOrigin(actor, graph, source);
    }
    return table;
  }

  /** Adds the pipelines over a table in which something was made that is in the graph. */
  async addPipelines(graph: TraceGraph, datasetId: string): Promise<void> {
    const steps = await this.#about(datasetId, 'dataset.pipeline-step');
    if (steps.length === 0) return;
    const outputs = await this.#outputs(datasetId);
    for (const record of steps) {
      const { task, request, output } = detailsOf(record, Step) ?? {};
      const node = outputs.get(output ?? '');
      if (node === undefined || !graph.has(node)) continue;
      const label = (request ?? '').slice(0, 12);
      const pipeline = { ...leafNode('pipeline', record, label), id: `pipeline:${task}`, digest: request };
      graph.link(node, graph.add(pipeline), 'step of');
      graph.link(pipeline.id, `dataset:${datasetId}`, 'reads');
    }
  }

  /** Nodes by the id of the work that made them: a task, or an entry of the ledger. */
  async #outputs(datasetId: string): Promise<Map<string, string>> {
    const masked = await this.#about(datasetId, 'dataset.masked');
    const released = await this.#about(datasetId, 'privacy.released');
    return new Map([
      ...masked.map((record) => [maskedOf(record)?.task ?? '', nodeId(record)] as const),
      ...released.map((record) => [detailsOf(record, Charged)?.entry ?? '', nodeId(record)] as const),
    ]);
  }

  #about(datasetId: string, action: string): Promise<AuditRecord[]> {
    return this.log.recordsAbout([datasetId], { action, limit: MOST });
  }
}

/** A released answer, or the synthetic table that it is. */
export function addRelease(graph: TraceGraph, record: AuditRecord): string {
  const synthetic = detailsOf(record, Synthetic);
  if (synthetic === undefined) return graph.add(leafNode('release', record, record.action));
  const node = leafNode('synthetic-table', record, synthetic.answer.slice(0, 12));
  return graph.add({ ...node, digest: synthetic.answer });
}

function isSynthetic(record: AuditRecord): boolean {
  return detailsOf(record, Synthetic) !== undefined;
}

function addCopy(graph: TraceGraph, record: AuditRecord): { node: string; result: string } | undefined {
  const masked = maskedOf(record);
  if (masked === undefined) return undefined;
  const { result, rows, k } = masked;
  const node = { ...leafNode('masked-copy', record, result.slice(0, 12)), digest: result };
  return { node: graph.add({ ...node, detail: `n = ${rows}, k = ${k}` }), result };
}

export function addDataset(graph: TraceGraph, { id, name, declarationDigest }: TracedDataset): string {
  return graph.add({ id: `dataset:${id}`, kind: 'dataset', label: name, digest: declarationDigest });
}

function maskedOf(record: AuditRecord): z.infer<typeof Masked> | undefined {
  return detailsOf(record, Masked);
}

function detailsOf<T>(record: AuditRecord, schema: z.ZodType<T>): T | undefined {
  return schema.safeParse(readRecordedEvent(record.event)?.details).data;
}

function nodeId({ index }: AuditRecord): string {
  return `leaf:${index}`;
}
