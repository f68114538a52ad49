import { createHash, randomUUID } from 'node:crypto';
import { dataApprovalPayload } from '@castellan/approval-policy';
import { canonicalize } from '@castellan/canonical-json';
import type { BrokerScene, Process, SeededDataset } from './testing.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The text of a request about a dataset, as the api writes it. */
export function dataRequest(scene: BrokerScene, dataset: SeededDataset, changes: object = {}): string {
  const { organization, project } = scene;
  return canonicalize({
    format: 'castellan.data-request/v1',
    kind: 'classify',
    organization,
    project,
    dataset: 'sales',
    datasetId: dataset.id,
    declaration: sha256(dataset.declaration),
    table: sha256('rows'),
    requester: 'stella',
    createdAt: scene.day(0),
    nonce: randomUUID(),
    ...changes,
  });
}

/** Inserts a task with this request and a result, whose key was made for the request. */
export async function seedTask(
  scene: BrokerScene,
  api: Process,
  dataset: SeededDataset,
  changes: object = {},
) {
  const request = dataRequest(scene, dataset, changes);
  const digest = sha256(request);
  const { dataKeyId: resultDataKeyId, dataKey } = await scene.seedDataKey(api, 'task', digest);
  const { id } = await scene.test.database.client.datasetTask.create({
    data: {
      datasetId: dataset.id,
      kind: 'classify',
      request,
      digest,
      requestedById: randomUUID(),
      requestedByName: 'stella',
      state: 'done',
      resultSha256: sha256('result'),
      resultSizeBytes: 6n,
      resultBlobKey: `dataset-tasks/${digest}/a`,
      resultDataKeyId,
    },
  });
  return { id, digest, dataKeyId: resultDataKeyId, dataKey };
}

/** What somebody signs about a request for data. */
export function dataDecision(
  scene: BrokerScene,
  requestDigest: string,
  person: string,
  decision: 'approve' | 'reject' = 'approve',
): Uint8Array {
  const { organization, project } = scene;
  const dates = { issuedAt: scene.day(0), expiresAt: scene.day(30) };
  const terms = {
    decision,
    organization,
    project,
    person,
    reason: 'as asked',
    nonce: randomUUID(),
    ...dates,
  };
  return dataApprovalPayload({ name: 'work on sales', requestDigest }, terms);
}
