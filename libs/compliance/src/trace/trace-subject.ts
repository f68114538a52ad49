import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { AuditReader, OpenedLog, readRecordedEvent } from '@castellan/audit';
import type { AuditRecord, Trace } from '@castellan/contracts';
import { z } from 'zod';
import { ComplianceError } from '../compliance-error.js';
import { TraceGraph } from './trace-graph.js';
import { type TracedVersion, TraceRecords } from './trace-records.js';
import { addRelease, TraceTables } from './trace-tables.js';
import { addVersion, leafNode, trainedFile } from './trace-version.js';

/** Predictions counted for one trace, and shown of them. */
const COUNTED = 1_000;
const SHOWN = 10;
/** Released answers of a dataset that are looked through for trainings, newest first. */
const TRAININGS = 1_000;

/** Versions shown whose training went on from one. */
const TUNED = 50;

/** Events about a dataset that stand in its trace as what they made. */
const DRAWN = new Set(['dataset.masked', 'dataset.pipeline-step']);

/** What the leaf of a training says: the digest of the trained file, which version it became, and what it went on from. */
const Trained = z.object({
  answer: z.string(),
  card: z.object({ version: z.string(), baseDigest: z.string().optional() }),
});

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
    private readonly tables: TraceTables,
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
    addDeployments(graph, version);
    await this.#addTuned(actor, graph, version);
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
    const tables = await this.tables.addOutcome(actor, graph, dataset);
    const subject = `dataset:${dataset.id}`;
    for (const record of await this.opened.recordsAbout([dataset.id], { limit: 100 })) {
      if (record.action === 'privacy.released' || record.action === 'privacy.repeated')
        graph.link(addRelease(graph, record), subject, 'answers from');
      else if (!DRAWN.has(record.action))
        graph.link(subject, graph.add(leafNode('event', record, record.action)), 'recorded as');
    }
    const predictions = { count: 0, more: false };
    for (const table of tables)
      for (const { record, version } of await this.#trainedOn(actor, table.id)) {
        const release = addRelease(graph, record);
        graph.link(release, `dataset:${table.id}`, 'answers from');
        graph.link(await this.#addVersion(actor, graph, version), release, 'trained by');
        addDeployments(graph, version);
        const { count, more } = await this.#addPredictions(actor, graph, version);
        Object.assign(predictions, { count: predictions.count + count, more: predictions.more || more });
      }
    for (const table of tables) await this.tables.addPipelines(graph, table.id);
    return graph.finish(subject, predictions);
  }

  /** Versions that were trained on a table, each with the leaf that has the digest of its file. */
  async #trainedOn(
    actor: Actor,
    datasetId: string,
  ): Promise<{ record: AuditRecord; version: TracedVersion }[]> {
    const about = { action: 'privacy.released', limit: TRAININGS };
    const found: { record: AuditRecord; version: TracedVersion }[] = [];
    for (const record of await this.opened.recordsAbout([datasetId], about)) {
      const { answer, card } = Trained.safeParse(readRecordedEvent(record.event)?.details).data ?? {};
      if (card === undefined) continue;
      const version = await this.records.version(actor, card.version);
      if (version !== null && trainedFile(version) === answer) found.push({ record, version });
    }
    return found;
  }

  async #addVersion(actor: Actor, graph: TraceGraph, version: TracedVersion): Promise<string> {
    const decisions = version.digest === null ? [] : await this.records.decisions(actor, version.digest);
    const id = await addVersion(graph, this.opened, version, decisions);
    await this.#addTraining(actor, graph, version);
    return id;
  }

  /** The protected table that a version was trained on: by the leaf that names the digest of the trained file. */
  async #addTraining(actor: Actor, graph: TraceGraph, version: TracedVersion): Promise<void> {
    const trained = trainedFile(version);
    if (trained === undefined) return;
    const { organizationId } = actor;
    const filter = { organizationId, action: 'privacy.released', text: trained, limit: 1 };
    const [record] = (await this.opened.search(filter)).records;
    const datasetId = record && readRecordedEvent(record.event)?.resource?.id;
    if (record === undefined || datasetId === undefined) return;
    const release = graph.add(leafNode('release', record, record.action));
    graph.link(`version:${version.id}`, release, 'trained by');
    const dataset = await this.records.dataset(actor, datasetId);
    if (dataset === null) return;
    graph.link(release, await this.tables.addOrigin(actor, graph, dataset), 'answers from');
    await this.tables.addPipelines(graph, dataset.id);
    const { card } = Trained.safeParse(readRecordedEvent(record.event)?.details).data ?? {};
    if (card?.baseDigest !== undefined) await this.#addBase(actor, graph, version, card.baseDigest);
  }

  /** The version whose training went on in this one, with what that rests on. */
  async #addBase(actor: Actor, graph: TraceGraph, version: TracedVersion, digest: string): Promise<void> {
    const base = await this.records.version(actor, digest);
    if (base === null) return;
    const id = `version:${base.id}`;
    if (!graph.has(id)) await this.#addVersion(actor, graph, base);
    graph.link(`version:${version.id}`, id, 'fine-tuned from');
  }

  /** Versions whose training went on from this one; each says itself what it rests on. */
  async #addTuned(actor: Actor, graph: TraceGraph, { digest }: TracedVersion): Promise<void> {
    if (digest === null) return;
    const { organizationId } = actor;
    const filter = { organizationId, action: 'privacy.released', text: digest, limit: TUNED };
    for (const record of (await this.opened.search(filter)).records) {
      const { answer, card } = Trained.safeParse(readRecordedEvent(record.event)?.details).data ?? {};
      const tuned = card?.baseDigest === digest ? await this.records.version(actor, card.version) : null;
      if (tuned === null || trainedFile(tuned) !== answer) continue;
      await this.#addVersion(actor, graph, tuned);
      addDeployments(graph, tuned);
    }
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

function addDeployments(graph: TraceGraph, { id: versionId, deployments }: TracedVersion): void {
  for (const { id, name } of deployments) {
    const node = graph.add({ id: `deployment:${id}`, kind: 'deployment', label: name });
    graph.link(node, `version:${versionId}`, 'runs');
  }
}

function unknown(kind: string, ref: string): ComplianceError {
  return new ComplianceError('trace_subject_unknown', {
    kind: 'not_found',
    publicDetail: `There is no ${kind} "${ref}" that could be traced.`,
  });
}
