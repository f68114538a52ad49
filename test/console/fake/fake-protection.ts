import { createHash, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import {
  Reidentification,
  type ClassificationEvidence,
  type DataRequestBody,
  type DatasetTask,
  type OutlierReport,
  type PersonalDataKind,
  type ReidentifiedValues,
  type ResultKey,
  type TaskSummary,
} from '@castellan/contracts';
import { sealTo } from '@castellan/hpke';
import { seal } from '@castellan/sealed-stream';
import type { Dataset } from '@castellan/contracts';
import { FakeRefusal } from './fake-refusal.js';

interface Kept {
  task: DatasetTask;
  result?: { plain: Buffer; dataKeyId: string; key: Buffer };
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

/** Work on one dataset. Results are sealed as the real ones are, so that a browser has to open them. */
export class FakeProtection {
  readonly #kept: Kept[] = [];

  constructor(private readonly dataset: Dataset) {}

  get tasks(): DatasetTask[] {
    return this.#kept.map(({ task }) => task).toReversed();
  }

  request(body: DataRequestBody, person: string, now: Date): DatasetTask {
    const request = canonicalize({
      ...body,
      dataset: this.dataset.name,
      requester: person,
      nonce: randomUUID(),
    });
    const task: DatasetTask = {
      id: randomUUID(),
      dataset: this.dataset.name,
      kind: body.kind,
      request,
      digest: sha256(request),
      requestedBy: person,
      state: body.kind === 'classify' || body.kind === 'outliers' ? 'queued' : 'waiting',
      progress: 0,
      createdAt: now.toISOString(),
    };
    this.#kept.push({ task });
    return task;
  }

  /** What a job would make of a classification: this kind in the column `person_id`. */
  classify(id: string, kind: PersonalDataKind, sample: string, now: Date): void {
    const { columns } = this.dataset.declaration;
    const finding = {
      kind,
      confidence: 0.98,
      whole: 539,
      within: 0,
      of: 545,
      named: true,
      evidence: [sample],
    };
    const evidence: ClassificationEvidence = {
      format: 'castellan.classification/v1',
      rows: 4360,
      columns: columns.map(({ name }) => ({ name, findings: name === 'person_id' ? [finding] : [] })),
    };
    const summary: TaskSummary = {
      kind: 'classify',
      columns: evidence.columns.map(({ name, findings }) => ({
        name,
        kinds: findings.map(({ kind, named }) => ({ kind, confidence: 1, named })),
      })),
    };
    this.#finish(id, summary, Buffer.from(JSON.stringify(evidence)), now);
  }

  /** What a job would make of a search for outliers: two groups, and two records beside them. */
  outliers(id: string, now: Date): void {
    const usual = Array.from({ length: 200 }, (_, i) => ({
      x: (i % 2 === 0 ? -3 : 3) + Math.sin(i * 1.7),
      y: Math.cos(i * 2.9),
      cluster: i % 2,
    }));
    const outlier = (row: number, score: number, name: string) => ({
      ...{ row, score, cluster: 0, x: score - 10, y: score / 3 },
      columns: [
        { name, share: 0.8 },
        { name: 'year', share: 0.15 },
      ],
    });
    const report: OutlierReport = {
      format: 'castellan.outliers/v1',
      rows: 4360,
      sampled: 4360,
      clusters: [{ share: 0.6 }, { share: 0.4 }],
      histogram: [{ upTo: 1, count: 4358 }, { count: 2 }],
      usual,
      outliers: [outlier(1041, 18.2, 'amount'), outlier(77, 7.5, 'region')],
    };
    this.#finish(id, { kind: 'outliers', clusters: 8 }, Buffer.from(JSON.stringify(report)), now);
  }

  /** What a job would make of a masking request. */
  mask(id: string, csv: string, now: Date): DatasetTask {
    const summary: TaskSummary = { kind: 'mask', rows: 4_300, suppressedRows: 60, classes: 12, k: 7 };
    this.#finish(id, summary, Buffer.from(csv), now);
    return this.#find(id).task;
  }

  /** What a job would make of a re-identification: the same person for every value. */
  reidentify(id: string, original: string, now: Date): DatasetTask {
    const { copy, column, values } = Reidentification.parse(JSON.parse(this.#find(id).task.request));
    const result: ReidentifiedValues = {
      format: 'castellan.reidentification/v1',
      column,
      values: values.map((value) => ({ value, original })),
    };
    const summary = { kind: 'reidentify', copy, column, asked: values.length } as const;
    this.#finish(id, summary, Buffer.from(JSON.stringify(result)), now);
    return this.#find(id).task;
  }

  cancel(id: string, now: Date): DatasetTask {
    const kept = this.#find(id);
    kept.task = { ...kept.task, state: 'cancelled', finishedAt: now.toISOString() };
    return kept.task;
  }

  key(id: string, publicKey: string): ResultKey {
    const { task, result } = this.#find(id);
    if (result === undefined) throw new FakeRefusal(409, 'result_missing', 'The task has no result.');
    const aad = canonicalize({
      purpose: 'export',
      subject: { kind: 'task', id },
      dataKeyId: result.dataKeyId,
    });
    const info = Buffer.from('castellan/release/v1');
    const { enc, ciphertext } = sealTo(Buffer.from(publicKey, 'base64'), info, Buffer.from(aad), result.key);
    return {
      dataKeyId: result.dataKeyId,
      enc: Buffer.from(enc).toString('base64'),
      ciphertext: Buffer.from(ciphertext).toString('base64'),
      aad,
      path: `${task.digest}.result`,
      sizeBytes: result.plain.byteLength,
      sha256: sha256(result.plain),
    };
  }

  async sealed(id: string): Promise<Buffer> {
    const { task, result } = this.#find(id);
    if (result === undefined) throw new FakeRefusal(409, 'result_missing', 'The task has no result.');
    const context = Buffer.from(canonicalize({ dataKey: result.dataKeyId, path: `${task.digest}.result` }));
    const pieces: Buffer[] = [];
    for await (const piece of seal(createSecretKey(result.key), context, once(result.plain)))
      pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces);
  }

  #finish(id: string, summary: TaskSummary, plain: Buffer, now: Date): void {
    const kept = this.#find(id);
    if (kept.task.state === 'cancelled') return;
    kept.result = { plain, dataKeyId: randomUUID(), key: randomBytes(32) };
    const finishedAt = now.toISOString();
    const resultBytes = plain.byteLength;
    kept.task = { ...kept.task, state: 'done', progress: 100, summary, resultBytes, finishedAt };
  }

  #find(id: string): Kept {
    const kept = this.#kept.find(({ task }) => task.id === id);
    if (kept === undefined) throw new FakeRefusal(404, 'task_unknown', 'There is no such task.');
    return kept;
  }
}

async function* once(piece: Buffer) {
  yield piece;
}
