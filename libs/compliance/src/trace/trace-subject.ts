import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditReader, OpenedLog, readRecordedEvent } from '@castellan/audit';
import type { AuditRecord, Trace } from '@castellan/contracts';
import { ComplianceError } from '../compliance-error.js';
import { TraceGraph } from './trace-graph.js';
import { type TracedVersion, TraceRecords } from './trace-records.js';
import { addVersion, leafNode } from './trace-version.js';

/** Predictions counted for one trace, and shown of them. */
const COUNTED = 1_000;
const SHOWN = 10;

/**
 * From a prediction back to what it rests on, and from a version, a deployment or a dataset forward to what rests on it.
 * The events are those of the log, with their leaves; rows only name and connect them, and prove nothing.
 */
@Injectable()
export class TraceSubject {
  constructor(
    private readonly records: TraceRecords,
    private readonly log: AuditReader,
    private readonly opened: OpenedLog,
  ) {}

  /** @throws ComplianceError `trace_subject_unknown`; AuditError `event_unknown` */
  execute(
    actor: Actor,
    kind: 'prediction' | 'version' | 'deployment' | 'dataset',
    ref: string,
  ): Promise<Trace> {
    if (kind === 'prediction') return this.#prediction(actor, ref);
    if (kind === 'version') return this.#version(actor, ref);
    return kind === 'deployment' ? this.#deployment(actor, ref) : this.#dataset(actor, ref);
  }

  async #prediction(actor: Actor, eventId: string): Promise<Trace> {
    const proof = await this.log.inclusionProof(eventId, actor.organizationId);
    const event = readRecordedEvent(proof.leaf);
    const { digest } = event?.resource ?? {};
    if (event?.action !== 'prediction.served' || digest === undefined) throw unknown('prediction', eventId);
    const version = await this.records.version(actor, digest);
    if (version === null) throw unknown('version', digest);
    const graph = new TraceGraph();
    const { id: whoId } = event.actor;
    const subject = graph.add({
      id: `leaf:${proof.index}`,
      kind: 'prediction',
      label: String(event.details?.['version'] ?? event.action),
      leafIndex: proof.index,
      eventId,
      at: event.time,
      digest: String(event.details?.['outputDigest'] ?? ''),
    });
    if (whoId !== undefined)
      graph.link(
        subject,
        graph.add({
          id: `person:${whoId}`,
          kind: 'person',
          label: event.actor.name ?? (await this.records.personName(actor, whoId)) ?? whoId,
        }),
        'asked by',
      );
    const deployment = graph.add({
      id: `deployment:${event.resource?.id ?? ''}`,
      kind: 'deployment',
      label: String(event.details?.['name'] ?? ''),
    });
    graph.link(subject, deployment, 'served by');
    graph.link(deployment, await this.#addVersion(actor, graph, version), 'runs');
    return graph.finish(subject, { count: 1, more: false });
  }

  async #version(actor: Actor, ref: string): Promise<Trace> {
    const version = await this.records.version(actor, ref);
    if (version === null) throw unknown('version', ref);
    const graph = new TraceGraph();
    const subject = await this.#addVersion(actor, graph, version);
    for (const { id, name } of version.deployments)
      graph.link(graph.add({ id: `deployment:${id}`, kind: 'deployment', label: name }), subject, 'runs');
    return graph.finish(subject, await this.#addPredictions(actor, graph, version));
  }

  async #deployment(actor: Actor, name: string): Promise<Trace> {
    const deployment = await this.records.deployment(actor, name);
    const version = deployment && (await this.records.version(actor, deployment.versionId));
    if (deployment === null || version === null) throw unknown('deployment', name);
    const graph = new TraceGraph();
    const subject = graph.add({ id: `deployment:${deployment.id}`, kind: 'deployment', label: name });
    graph.link(subject, await this.#addVersion(actor, graph, version), 'runs');
    return graph.finish(subject, await this.#addPredictions(actor, graph, version, deployment.id));
  }

  async #dataset(actor: Actor, name: string): Promise<Trace> {
    const dataset = await this.records.dataset(actor, name);
    if (dataset === null) throw unknown('dataset', name);
    const graph = new TraceGraph();
    const subject = graph.add({
      id: `dataset:${dataset.id}`,
      kind: 'dataset',
      label: dataset.name,
      digest: dataset.declarationDigest,
    });
    for (const record of await this.opened.recordsAbout([dataset.id], { limit: 100 })) {
      if (record.action === 'privacy.released' || record.action === 'privacy.repeated')
        graph.link(graph.add(leafNode('release', record, record.action)), subject, 'answers from');
      else graph.link(subject, graph.add(leafNode('event', record, record.action)), 'recorded as');
    }
    return graph.finish(subject, { count: 0, more: false });
  }

  async #addVersion(actor: Actor, graph: TraceGraph, version: TracedVersion): Promise<string> {
    const decisions = version.digest === null ? [] : await this.records.decisions(actor, version.digest);
    return addVersion(graph, this.opened, version, decisions);
  }

  /** The newest predictions by this version, through one deployment or any. */
  async #addPredictions(
    { organizationId }: Actor,
    graph: TraceGraph,
    version: TracedVersion,
    deploymentId?: string,
  ): Promise<{ count: number; more: boolean }> {
    if (version.digest === null) return { count: 0, more: false };
    const resource = deploymentId === undefined ? {} : { resourceId: deploymentId };
    const filter = { organizationId, action: 'prediction.served', text: version.digest, ...resource };
    const found: AuditRecord[] = [];
    let before: bigint | undefined;
    do {
      const paging = before === undefined ? {} : { before };
      const page = await this.opened.search({ ...filter, ...paging, limit: 500 });
      found.push(...page.records);
      before = page.next === undefined ? undefined : BigInt(page.next);
    } while (before !== undefined && found.length < COUNTED);
    for (const record of found.slice(0, SHOWN)) {
      const through = `deployment:${readRecordedEvent(record.event)?.resource?.id ?? ''}`;
      const node = graph.add(leafNode('prediction', record, record.time));
      graph.link(node, graph.has(through) ? through : `version:${version.id}`, 'served by');
    }
    return { count: found.length, more: before !== undefined };
  }
}

function unknown(kind: string, ref: string): ComplianceError {
  return new ComplianceError('trace_subject_unknown', {
    kind: 'not_found',
    publicDetail: `There is no ${kind} "${ref}" that could be traced.`,
  });
}
