import { createHash, randomUUID } from 'node:crypto';
import type { AlarmEvidence, Me } from '@castellan/contracts';
import type { FakeWorld } from './fake/fake-world.js';

const MINUTE_MS = 60_000;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Alarms of three kinds, an export that is done and one that failed, two targets, and what a version rests on. */
export function fillCompliance(world: FakeWorld, anna: Me): void {
  const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS).toISOString();
  const raise = (evidence: AlarmEvidence) => {
    world.recordProcess('jobs', 'alarm.raised', {
      resource: { kind: 'alarm', id: randomUUID() },
      details: { evidence: JSON.parse(JSON.stringify(evidence)) },
    });
    world.compliance.raise(evidence, world.log.records.at(-1)?.eventId ?? '', world.now());
  };
  raise({
    rule: 'new_source',
    subject: { kind: 'person', id: anna.id, name: anna.name, about: '203.0.113.0/24' },
    number: 1,
    threshold: 1,
    unit: 'events',
    windowStart: ago(600),
    windowEnd: ago(35),
    series: [0, 1],
    seriesStepMs: 60 * MINUTE_MS,
    leaves: ['3'],
  });
  raise({
    rule: 'extraction',
    subject: { kind: 'credential', id: randomUUID(), name: 'web-shop', about: 'digits' },
    number: 5_214,
    threshold: 4_980,
    unit: 'events',
    usual: { windows: 42, mean: 2_410.4, deviation: 428.2 },
    windowStart: ago(24 * 60),
    windowEnd: ago(20),
    series: Array.from({ length: 48 }, (_, n) => (n < 40 ? 60 + ((n * 37) % 90) : 420 + ((n * 53) % 140))),
    seriesStepMs: 60 * MINUTE_MS,
    leaves: ['7', '8', '9'],
  });
  raise({
    rule: 'denied_burst',
    subject: { kind: 'source', id: '198.51.100.23' },
    number: 20,
    threshold: 20,
    unit: 'events',
    windowStart: ago(12),
    windowEnd: ago(3),
    series: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 2, 1, 3, 4, 4, 5],
    seriesStepMs: MINUTE_MS,
    leaves: ['10', '11', '12', '13'],
  });
  const asked = { requestedBy: 'wei', treeSize: '412', scanned: '412', createdAt: ago(90) };
  world.compliance.exports.push(
    {
      ...asked,
      id: randomUUID(),
      format: 'ocsf',
      filter: { decision: 'deny' },
      state: 'done',
      rows: '37',
      sizeBytes: '61004',
      sha256: sha256('rows'),
      finishedAt: ago(89),
    },
    {
      ...asked,
      id: randomUUID(),
      format: 'csv',
      filter: {},
      state: 'failed',
      rows: '0',
      sizeBytes: '0',
      failure: 'The log was not complete.',
    },
  );
  const target = { format: 'jsonl', cursor: '410', createdAt: ago(900) } as const;
  world.compliance.targets.push(
    {
      ...target,
      id: randomUUID(),
      name: 'siem',
      kind: 'webhook',
      address: 'https://siem.example/in',
      state: 'running',
      behind: '2',
      failures: 0,
    },
    {
      ...target,
      id: randomUUID(),
      name: 'archive',
      kind: 'syslog',
      address: 'syslog+tls://archive.example:6514',
      state: 'running',
      behind: '180',
      failures: 4,
      lastError: 'It did not answer in time.',
    },
  );
  const attempt = { begin: '380', end: '410', events: 30, at: ago(1) };
  world.compliance.deliveries.push(
    { ...attempt, ok: true, detail: 'HTTP 204', durationMs: 41 },
    { ...attempt, ok: false, detail: 'It did not answer in time.', durationMs: 15_000, at: ago(2) },
  );
  world.compliance.trace = {
    subject: 'version',
    nodes: [
      { id: 'version', kind: 'version', label: 'digits@3', digest: sha256('digits@3'), at: ago(1_500) },
      { id: 'file', kind: 'file', label: 'model.h5', digest: sha256('model.h5') },
      { id: 'approval', kind: 'approval', label: 'rosa', detail: 'approve', leafIndex: '9' },
      { id: 'deployment', kind: 'deployment', label: 'digits', at: ago(1_400) },
      { id: 'prediction', kind: 'prediction', label: 'digits', leafIndex: '20', at: ago(4) },
      { id: 'earlier', kind: 'prediction', label: 'digits', leafIndex: '19', at: ago(5) },
      { id: 'wages', kind: 'dataset', label: 'wages', digest: sha256('wages') },
      { id: 'pipeline', kind: 'pipeline', label: sha256('pipeline').slice(0, 12), leafIndex: '4' },
      {
        id: 'copy',
        kind: 'masked-copy',
        label: sha256('copy').slice(0, 12),
        leafIndex: '5',
        detail: 'n = 900, k = 5',
      },
      { id: 'synthetic', kind: 'synthetic-table', label: sha256('made').slice(0, 12), leafIndex: '6' },
      { id: 'held', kind: 'dataset', label: 'wages-masked', digest: sha256('wages-masked') },
      { id: 'release', kind: 'release', label: 'privacy.released', leafIndex: '7', at: ago(1_600) },
    ],
    edges: [
      { from: 'version', to: 'file', relation: 'holds' },
      { from: 'version', to: 'approval', relation: 'approved by' },
      { from: 'deployment', to: 'version', relation: 'serves' },
      { from: 'prediction', to: 'deployment', relation: 'made by' },
      { from: 'earlier', to: 'deployment', relation: 'made by' },
      { from: 'pipeline', to: 'wages', relation: 'reads' },
      { from: 'copy', to: 'wages', relation: 'masked from' },
      { from: 'copy', to: 'pipeline', relation: 'step of' },
      { from: 'synthetic', to: 'wages', relation: 'answers from' },
      { from: 'synthetic', to: 'pipeline', relation: 'step of' },
      { from: 'held', to: 'copy', relation: 'holds' },
      { from: 'release', to: 'held', relation: 'answers from' },
      { from: 'version', to: 'release', relation: 'trained by' },
    ],
    predictions: '4',
    more: false,
  };
}
