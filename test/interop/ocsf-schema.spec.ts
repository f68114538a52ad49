import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { accessEventMeanings } from '@castellan/access';
import { type EventActor, expiryEventMeanings, type RecordedEvent } from '@castellan/audit';
import { complianceEventMeanings, retentionEventMeanings } from '@castellan/compliance';
import type { AlarmEvidence } from '@castellan/contracts';
import { privacyEventMeanings } from '@castellan/privacy';
import { registryEventMeanings } from '@castellan/registry';
import { servingEventMeanings } from '@castellan/serving';
import { vaultEventMeanings } from '@castellan/vault';
import { keybrokerEvents } from '../../apps/keybroker/src/keybroker-events.js';
import { ocsfRow } from '../../libs/compliance/src/exports/formats/ocsf-row.js';
import { pythonWith } from './python.js';

const python = await pythonWith('ocsf_json_schema', 'jsonschema', 'referencing');
if (python === undefined)
  console.warn(
    'Skipped: validation against the published OCSF schema. It needs a Python with ocsf-json-schema and jsonschema: set CASTELLAN_PYTHON to one.',
  );

const actions = [
  ...accessEventMeanings,
  ...registryEventMeanings,
  ...servingEventMeanings,
  ...privacyEventMeanings,
  ...vaultEventMeanings,
  ...complianceEventMeanings,
  ...expiryEventMeanings,
  ...retentionEventMeanings,
  ...keybrokerEvents.meanings,
].map(([action]) => action);

const actors: readonly EventActor[] = [
  { kind: 'person', id: '01a21009-b66a-7458-9ad6-eefa40d4e68f', name: 'ada', credentialId: 'key-1' },
  { kind: 'person', id: '01a21009-b66a-7458-9ad6-eefa40d4e68f', sealed: 'AAAA' },
  { kind: 'process', id: 'jobs/jobs', name: 'jobs' },
  { kind: 'anonymous' },
];
const evidence: AlarmEvidence = {
  rule: 'downloads',
  subject: { kind: 'person', id: 'ada' },
  number: 40,
  threshold: 30,
  unit: 'events',
  windowStart: '2026-11-24T10:00:00.000Z',
  windowEnd: '2026-11-25T10:00:00.000Z',
  series: [1, 39],
  seriesStepMs: 3_600_000,
  leaves: ['1', '2'],
};

function rowOf(action: string, actor: EventActor, n: number): unknown {
  const event: RecordedEvent = {
    id: '01a21009-b755-7608-bcf8-6d616b42fa14',
    time: '2026-11-25T10:00:00.000Z',
    action,
    actor,
    ...(n % 3 === 0 ? {} : { resource: { kind: 'version', id: `v${n}`, digest: 'a'.repeat(64) } }),
    organizationId: 'o',
    decision: n % 2 === 0 ? 'allow' : 'deny',
    ...(n % 2 === 0 ? {} : { reason: 'not_permitted', source: '203.0.113.7', requestId: 'r' }),
    details: action === 'alarm.raised' ? { evidence: { ...evidence, leaves: [...evidence.leaves] } } : { n },
  };
  const record = {
    ...{ index: String(n), eventId: event.id, time: event.time, action, actor: 'ada' },
    ...{ decision: event.decision, leafHash: 'b'.repeat(64), event: JSON.stringify(event) },
  };
  return ocsfRow({ record, event, tree: { origin: 'o', size: '9', root: 'AAAA' } });
}

async function problemsOf(rows: readonly unknown[]): Promise<unknown> {
  const child = spawn(python ?? '', [join(import.meta.dirname, 'validate-ocsf.py')]);
  child.stdin.end(rows.map((row) => JSON.stringify(row)).join('\n'));
  const [said, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return complaint === '' ? JSON.parse(said) : complaint;
}

(python === undefined ? describe.skip : describe)('the published OCSF schema 1.8.0', () => {
  it('holds for every event that there is, whoever acts', async () => {
    const rows = actions.flatMap((action, n) => actors.map((actor, m) => rowOf(action, actor, n + m)));
    expect(rows.length).toBeGreaterThan(300);
    expect(await problemsOf(rows)).toEqual([]);
  }, 120_000);

  it('is really looked at: a missing member, a wrong number and a broken constraint are found', async () => {
    const row = (action: string, change: object) => {
      const made = rowOf(action, { kind: 'anonymous' }, 2);
      return typeof made === 'object' ? { ...made, ...change } : made;
    };
    const problems = await problemsOf([
      row('version.finalized', { api: undefined }),
      row('version.finalized', { severity_id: 77 }),
      row('session.opened', { service: undefined, dst_endpoint: undefined }),
    ]);
    expect(problems).toEqual([
      expect.stringContaining("'api' is a required property"),
      expect.stringContaining('77 is not one of'),
      expect.stringContaining('anyOf: '),
    ]);
  }, 120_000);
});
