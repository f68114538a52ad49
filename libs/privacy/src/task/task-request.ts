import { createHash, randomUUID } from 'node:crypto';
import type { Actor } from '@castellan/access';
import { canonicalize } from '@castellan/canonical-json';
import { DataRequestBody, DataRequestHead } from '@castellan/contracts';
import type { KnownDataset } from '../dataset/dataset-document.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyError } from '../privacy-error.js';

/** A request as its canonical text, and its SHA-256. */
export interface WrittenRequest {
  readonly text: string;
  readonly digest: string;
}

/** @throws dataset_not_sealed */
export function writeRequest(
  actor: Actor,
  dataset: DatasetRow,
  known: KnownDataset,
  body: DataRequestBody,
  now: Date,
): WrittenRequest {
  if (dataset.sha256 === null)
    throw new PrivacyError('dataset_not_sealed', {
      kind: 'conflict',
      publicDetail: `"${dataset.name}" has no table yet.`,
    });
  const head: DataRequestHead = {
    format: 'castellan.data-request/v1',
    kind: body.kind,
    organization: known.document.organization ?? actor.organizationName,
    project: known.document.project ?? dataset.project.name,
    dataset: dataset.name,
    datasetId: dataset.id,
    declaration: known.digest,
    table: dataset.sha256,
    ...(known.table.source === undefined ? {} : { dataVersion: dataset.dataVersion }),
    requester: actor.name,
    createdAt: now.toISOString(),
    nonce: randomUUID(),
  };
  const text = canonicalize({ ...body, ...head });
  return { text, digest: digestOf(text) };
}

export interface ReadRequest {
  readonly head: DataRequestHead;
  readonly body: DataRequestBody;
  /** Of the text that was read, whatever the row says. */
  readonly digest: string;
}

/** Undefined for a text that is no request of a kind that is known here. */
export function readRequest(text: string): ReadRequest | undefined {
  const value = parseJson(text);
  const [head, body] = [DataRequestHead.safeParse(value), DataRequestBody.safeParse(value)];
  return head.success && body.success
    ? { head: head.data, body: body.data, digest: digestOf(text) }
    : undefined;
}

/** The path that a result is sealed under: it names the request, which people have signed. */
export function resultPath(requestDigest: string): string {
  return `${requestDigest}.result`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
