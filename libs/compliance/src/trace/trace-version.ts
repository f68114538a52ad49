import { readApproval, readTrustDocument } from '@castellan/approval-policy';
import type { OpenedLog } from '@castellan/audit';
import type { AuditRecord, TraceNode } from '@castellan/contracts';
import type { TracedVersion } from './trace-records.js';
import type { TraceGraph } from './trace-graph.js';

/** A leaf as a node of its own kind. */
export function leafNode(kind: TraceNode['kind'], record: AuditRecord, label: string): TraceNode {
  const { index, eventId, time } = record;
  return { id: `leaf:${index}`, kind, label, leafIndex: index, eventId, at: time, detail: record.actor };
}

/** The digest of the file that came out of a private training here; `undefined` for what was trained elsewhere. */
export function trainedFile({ files }: TracedVersion): string | undefined {
  if (!files.some(({ path }) => path === 'privacy-card.json')) return undefined;
  return files.find(({ path }) => path === 'model.h5')?.sha256;
}

/** Adds what a version rests on: its author, files, scan, decisions with the policy they were made under, key releases. */
export async function addVersion(
  graph: TraceGraph,
  log: Pick<OpenedLog, 'recordsAbout'>,
  version: TracedVersion,
  decisions: readonly { readonly envelope: string }[],
): Promise<string> {
  const { digest } = version;
  const id = graph.add({
    id: `version:${version.id}`,
    kind: 'version',
    label: `${version.model.name}@${version.number}`,
    detail: version.stage,
    ...(digest === null ? {} : { digest }),
    ...(version.finalizedAt === null ? {} : { at: version.finalizedAt.toISOString() }),
  });
  graph.link(
    id,
    graph.add({ id: `person:${version.authorId}`, kind: 'person', label: version.authorName }),
    'author',
  );
  for (const { path, sha256 } of version.files)
    graph.link(
      id,
      graph.add({ id: `file:${version.id}/${path}`, kind: 'file', label: path, digest: sha256 }),
      'file',
    );
  for (const { digest: report, verdict, createdAt } of version.scanReports) {
    const scan = {
      id: `scan:${report}`,
      kind: 'scan' as const,
      label: verdict,
      digest: report,
      at: createdAt.toISOString(),
    };
    graph.link(id, graph.add(scan), 'scan');
  }
  for (const { envelope } of decisions) addDecision(graph, id, envelope);
  for (const record of await log.recordsAbout([version.id], { action: 'key.released', limit: 5 }))
    graph.link(id, graph.add(leafNode('key-release', record, record.action)), 'key-release');
  return id;
}

function addDecision(graph: TraceGraph, version: string, envelope: string): void {
  const decision = readApproval(readTrustDocument(JSON.parse(envelope)));
  const node = graph.add({
    id: `document:${decision.digest}`,
    kind: 'approval',
    label: `${decision.decision} · ${decision.person}`,
    detail: decision.reason,
    digest: decision.digest,
    at: decision.issuedAt.toISOString(),
  });
  graph.link(version, node, decision.decision);
  const policy = {
    id: `document:${decision.policyDigest}`,
    kind: 'policy' as const,
    label: 'policy',
    digest: decision.policyDigest,
  };
  graph.link(node, graph.add(policy), 'under');
}
