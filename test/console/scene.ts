import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import {
  approvalPayload,
  destructionOrderPayload,
  revocationPayload,
  rootExportOrderPayload,
} from '@castellan/approval-policy';
import type { Me } from '@castellan/contracts';
import { IN_TOTO_PAYLOAD_TYPE, signEnvelope } from '@castellan/dsse';
import { fillCompliance } from './compliance-scene.js';
import { readRecipientCertificate } from '@castellan/pki';
import { recipientCertificate } from './fake/recipient-certificate.js';
import { FakeWorld } from './fake/fake-world.js';
import { asJson } from './fake/fake-trust.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A reviewer whose key is not in a browser, for decisions that were signed before a spec begins. */
class DeskReviewer {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  constructor(
    private readonly world: FakeWorld,
    private readonly me: Me,
  ) {
    const pem = this.#keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    world.trust.certify(me.name, pem, world.now());
  }

  decide(ref: string, decision: 'approve' | 'reject', reason: string): string {
    const { world, me } = this;
    const { version, policyDigest = '', evidence, organization } = world.registry.review(ref, world.now());
    const payload = approvalPayload(
      { name: ref, versionDigest: version.digest ?? '' },
      {
        decision,
        organization,
        project: version.project,
        person: me.name,
        policyDigest,
        evidence,
        reason,
        issuedAt: world.now().toISOString(),
        expiresAt: new Date(world.now().getTime() + 60 * DAY_MS).toISOString(),
        nonce: randomUUID(),
      },
    );
    return this.#submit(payload);
  }

  revokeApproval(ref: string, digest: string, reason: string): void {
    const { version } = this.world.registry.review(ref, this.world.now());
    const payload = revocationPayload(
      { name: ref, sha256: digest },
      {
        target: 'approval',
        organization: this.world.people.organization,
        project: version.project,
        person: this.me.name,
        reason,
        issuedAt: this.world.now().toISOString(),
      },
    );
    this.#submit(payload);
  }

  /** Signed and handed in by the command line. */
  orderDestruction(ref: string, reason: string): void {
    const { id, project, digest = '' } = this.world.registry.version(ref);
    const now = this.world.now();
    const payload = destructionOrderPayload(
      { name: ref, sha256: digest },
      {
        target: 'version',
        targetId: id,
        organization: this.world.people.organization,
        project,
        person: this.me.name,
        reason,
        issuedAt: now.toISOString(),
        expiresAt: new Date(now.getTime() + 30 * DAY_MS).toISOString(),
        nonce: randomUUID(),
      },
    );
    const envelope = asJson(signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, this.#keys.privateKey));
    this.world.trust.submit(envelope, this.me.id, now);
  }

  /** Signed and handed in by the command line. */
  orderExport(project: { id: string; name: string }, certificate: string, reason: string): void {
    const { organization } = this.world.people;
    const now = this.world.now();
    const sha256 = createHash('sha256').update(`${organization}/${project.name}`).digest('hex');
    this.#submit(
      rootExportOrderPayload(
        { name: project.name, sha256 },
        {
          targetId: project.id,
          organization,
          project: project.name,
          recipient: readRecipientCertificate(certificate).sha256,
          certificate,
          person: this.me.name,
          reason,
          issuedAt: now.toISOString(),
          expiresAt: new Date(now.getTime() + 7 * DAY_MS).toISOString(),
          nonce: randomUUID(),
        },
      ),
    );
  }

  #submit(payload: Uint8Array): string {
    const envelope = asJson(signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, this.#keys.privateKey));
    const { digest, kind, subject } = this.world.trust.submit(envelope, this.me.id, this.world.now());
    this.world.record(this.me, 'document.recorded', {
      resource: { kind: 'document', id: digest, digest },
      details: { kind, subject },
    });
    return digest;
  }
}

/** A week in the life of a small team: models in every state, a serving deployment, a half-spent budget, a log. */
export function livelyWorld() {
  const world = new FakeWorld();
  const at = (minutesAgo: number) => {
    world.behindMs = minutesAgo * MINUTE_MS;
  };
  at(7 * 24 * 60);
  const anna = world.person('anna', 'Anna Weber', 'author');
  const rosa = world.person('rosa', 'Rosa Lindqvist', 'reviewer');
  const wei = world.person('wei', '陈伟', 'admin', 'reviewer', 'analyst', 'auditor', 'consumer');
  world.trust.setPolicy('default', world.now());
  world.recordProcess('keybroker-1', 'document.honoured', {
    details: { kind: 'policy', project: 'default' },
  });
  const desk = new DeskReviewer(world, rosa.me);

  const publish = (model: string, files: readonly string[], minutesAgo: number) => {
    at(minutesAgo);
    const version = world.registry.start(model, anna.me, world.now());
    const ref = `${model}@${version.number}`;
    const resource = { kind: 'version', id: version.id };
    world.record(anna.me, 'version.started', { resource, details: { ref } });
    for (const path of files) {
      const bytes = Buffer.alloc(40_000 + path.length * 7_919, `${ref}${path}`);
      const { sha256, sizeBytes } = world.registry.storeFile(ref, path, bytes);
      world.record(anna.me, 'version.file-stored', { resource, details: { ref, path, sizeBytes, sha256 } });
    }
    at(minutesAgo - 1);
    const { digest = '' } = world.registry.finalize(ref, world.now());
    world.record(anna.me, 'version.finalized', {
      resource: { ...resource, digest },
      details: { ref, files: files.length },
    });
    return { ref, resource: { ...resource, digest } };
  };
  const scanned = (published: ReturnType<typeof publish>, clean: boolean, format?: string) => {
    const finding = {
      code: 'keras.lambda_layer',
      severity: 'critical' as const,
      path: 'model.h5',
      detail: 'The layer "lambda_1" carries marshalled Python code that would run while the model loads.',
    };
    world.registry.scan(
      published.ref,
      clean ? { verdict: 'clean', findings: [] } : { verdict: 'findings', findings: [finding] },
      format,
    );
    world.recordProcess('jobs-1', 'key.released', {
      resource: published.resource,
      details: { purpose: 'scan' },
    });
    world.recordProcess('jobs-1', 'version.scanned', {
      resource: published.resource,
      decision: 'allow',
      details: { ref: published.ref, verdict: clean ? 'clean' : 'findings' },
    });
  };

  at(6 * 24 * 60);
  world.registry.createModel(
    {
      name: 'digits',
      project: 'default',
      description: 'Reads handwritten digits from 8×8 scans of paper forms.',
    },
    world.now(),
  );
  world.registry.createModel(
    {
      name: 'voice-activity',
      project: 'default',
      description: 'Tells speech from silence, 32 ms at a time (Silero, ONNX).',
    },
    world.now(),
  );
  world.registry.createModel(
    { name: 'claims-triage', project: 'default', description: 'Orders incoming claims by urgency.' },
    world.now(),
  );
  world.registry.createModel({ name: 'churn', project: 'default', description: '' }, world.now());

  scanned(publish('digits', ['model.h5'], 5 * 24 * 60), false);
  scanned(publish('digits', ['model.h5', 'labels.json'], 4 * 24 * 60), true);
  at(4 * 24 * 60 - 30);
  const first = desk.decide('digits@2', 'approve', 'Hold-out accuracy is as claimed, 0.97.');
  at(2 * 24 * 60);
  desk.revokeApproval('digits@2', first, 'Mislabelled scans were found in the training data.');
  desk.orderDestruction('digits@2', 'It was trained on scans that should never have been kept.');
  world.destructions.carryOut('forms-draft@1', world.now());
  desk.orderExport(world.project, recipientCertificate, 'The second site shall serve from its own store.');
  const digits = publish('digits', ['README.md', 'labels.json', 'model.h5'], 26 * 60);
  scanned(digits, true);
  at(25 * 60);
  desk.decide(
    'digits@3',
    'approve',
    'Retrained on corrected labels; hold-out accuracy 0.981, reviewed with the card.',
  );
  const voice = publish('voice-activity', ['silero_vad_v5.onnx'], 3 * 60);
  scanned(voice, true, 'onnx');
  scanned(publish('claims-triage', ['model.keras'], 50), false, 'keras-v3');

  at(24 * 60);
  world.serving.deploy('digits', 'digits@3', world.now());
  world.record(wei.me, 'deployment.created', {
    resource: digits.resource,
    details: { name: 'digits', version: 'digits@3' },
  });
  world.recordProcess('cpu-0', 'key.released', {
    resource: digits.resource,
    details: { purpose: 'serve', deployment: 'digits' },
  });
  at(2 * 60);
  world.serving.deploy('vad', 'voice-activity@1', world.now());
  world.record(wei.me, 'deployment.created', {
    resource: voice.resource,
    details: { name: 'vad', version: 'voice-activity@1' },
  });
  world.recordProcess('cpu-0', 'key.refused', {
    resource: voice.resource,
    decision: 'deny',
    reason: 'approval_missing',
    details: { purpose: 'serve', deployment: 'vad', reasons: ['approval_missing'] },
  });
  for (const [minutesAgo, epsilon, figures] of [
    [3 * 24 * 60, '0.25', 'COUNT(*) AS n'],
    [2 * 24 * 60, '0.5', 'SUM(amount) AS total'],
    [90, '0.4', 'AVG(amount) AS mean, COUNT(*) AS n'],
  ] as const) {
    at(minutesAgo);
    const sql = `SELECT region, ${figures} FROM wages GROUP BY region`;
    const answer = world.privacy.ask({ sql, epsilon }, wei.me.name, world.now());
    world.recordProcess('jobs-1', 'privacy.released', {
      resource: { kind: 'dataset', id: world.privacy.dataset.id },
      details: { entry: answer.entryId, epsilon },
    });
  }
  at(6);
  world.record(wei.me, 'prediction.refused', {
    resource: voice.resource,
    decision: 'deny',
    reason: 'not_approved',
    details: { name: 'vad', version: 'voice-activity@1' },
  });
  for (const minutesAgo of [4, 3, 2, 1]) {
    at(minutesAgo);
    world.record(wei.me, 'prediction.served', {
      resource: digits.resource,
      details: { name: 'digits', version: 'digits@3' },
    });
  }
  at(0);
  fillCompliance(world, anna.me);
  return { world, anna, rosa, wei };
}
