import { createHash } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { S3AccessKey, type S3Source } from '@castellan/contracts';
import { z } from 'zod';
import { readLoginBytes } from './login-bytes.js';
import { sourceChanged } from './s3-failure.js';
import { S3Object } from './s3-object.js';
import { sourceRefused } from './source-refused.js';

/** What is sealed of an object: who may read it, and which one it was. */
const PinnedObject = z.strictObject({
  accessKey: S3AccessKey,
  object: z.strictObject({
    etag: z.string(),
    versionId: z.string().optional(),
    sizeBytes: z.number().int().min(0),
    sha256: z.string(),
  }),
});

/**
 * Takes an access key in and gives out what is to be sealed: the key, and the identity of the object as it is now, all of which
 * `checked` has looked at as at a table that is uploaded.
 * @throws source_refused, source_unavailable, table_malformed
 */
export async function* pinnedObject(
  login: AsyncIterable<Uint8Array>,
  source: S3Source,
  checked: (rows: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const accessKey = readAccessKey(await readLoginBytes(login));
  using object = new S3Object(source, accessKey);
  const identity = await object.identity();
  const digest = createHash('sha256');
  for await (const piece of checked(object.read(identity))) digest.update(piece);
  const pinned = { accessKey, object: { ...identity, sha256: digest.digest('hex') } };
  yield Buffer.from(canonicalize(pinned));
}

/**
 * The very object that was sealed, in memory: nothing of it is written anywhere.
 * @throws source_changed, source_refused, source_unavailable
 */
export async function openPinned(sealed: Uint8Array, source: S3Source): Promise<Uint8Array> {
  const { accessKey, object: pinned } = readPinned(sealed);
  using object = new S3Object(source, accessKey);
  const bytes = new Uint8Array(pinned.sizeBytes);
  try {
    let filled = 0;
    for await (const piece of object.read(pinned)) {
      bytes.set(piece, filled);
      filled += piece.length;
      piece.fill(0);
    }
    // An ETag is the store's word; this is ours.
    if (createHash('sha256').update(bytes).digest('hex') !== pinned.sha256) throw sourceChanged(source);
    return bytes;
  } catch (error) {
    bytes.fill(0);
    throw error;
  }
}

function readAccessKey(bytes: Uint8Array): S3AccessKey {
  const accessKey = S3AccessKey.safeParse(parseJson(bytes));
  if (accessKey.success) return accessKey.data;
  throw sourceRefused('That is not an access key: {"accessKeyId": "…", "secretAccessKey": "…"}.');
}

function readPinned(bytes: Uint8Array): z.infer<typeof PinnedObject> {
  const pinned = PinnedObject.safeParse(parseJson(bytes));
  if (pinned.success) return pinned.data;
  throw sourceRefused('What is sealed of this dataset is not an access key and an object.');
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
