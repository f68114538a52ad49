import { createHash, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FolderBlobStore } from '@castellan/blob-store';
import { canonicalize } from '@castellan/canonical-json';
import type { ReleasedKeys } from '@castellan/keybroker-client';
import { type SealedFile, SealedStore } from '@castellan/vault';
import { openVersion } from './open-version.js';

const path = 'model.h5';
const weights = randomBytes(5_000_000);

describe('a released version', () => {
  const dataKey = { dataKeyId: randomUUID(), key: createSecretKey(randomBytes(32)) };
  let folder: string;
  let store: FolderBlobStore;
  let sealed: SealedFile;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castellan-worker-'));
    store = await FolderBlobStore.open(folder);
    const source = (async function* () {
      yield weights;
    })();
    sealed = await new SealedStore(store).write({ ...dataKey, path, source, withTree: true });
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** As the keybroker gives it, with a manifest that names these digests. */
  function release(named: { sha256: string; sha256Tree?: string }, treesAttested?: boolean): ReleasedKeys {
    const { blobKey, sizeBytes } = sealed;
    const { dataKeyId, key } = dataKey;
    const manifest = canonicalize({
      format: 'castellan.manifest/v1',
      organization: 'acme',
      project: 'vision',
      model: 'digits',
      number: 3,
      author: 'anna',
      createdAt: '2026-11-25T00:00:00.000Z',
      files: [{ path, sizeBytes, ...named }],
    });
    const versionDigest = createHash('sha256').update(manifest).digest('hex');
    const subject = { kind: 'version', id: randomUUID() } as const;
    const files = [{ path, sizeBytes, sha256: named.sha256, blobKey, dataKeyId, further: [] }];
    const lease = { id: 'l', expiresAt: '2026-11-26T00:00:00.000Z' };
    const said = { subject, manifest, versionDigest, files, keys: [], lease };
    return {
      release: { ...said, ...(treesAttested !== undefined && { treesAttested }) },
      keys: new Map([[dataKeyId, key]]),
    };
  }
  const open = async (released: ReleasedKeys, cores = 4) => {
    const { files } = await openVersion(released, store, new AbortController().signal, cores);
    return Buffer.from(files.get(path) ?? []).equals(weights);
  };
  const differs = expect.objectContaining({ code: 'file_differs' });
  const wrong = 'ab'.repeat(32);
  const digests = () => ({ sha256: sealed.sha256, sha256Tree: sealed.sha256Tree ?? 'none' });

  it('opens by its tree where the approvals attest it, and by its SHA-256 where not', async () => {
    expect(await open(release(digests(), true))).toBe(true);
    expect(await open(release(digests(), false))).toBe(true);
    expect(await open(release(digests()))).toBe(true);
    expect(await open(release({ sha256: sealed.sha256 }, true))).toBe(true);
    expect(await open(release({ ...digests(), sha256Tree: wrong }, true), 1)).toBe(true);
  });

  it('does not rest on a tree that no approval attests', async () => {
    const lying = { sha256: wrong, sha256Tree: digests().sha256Tree };
    await expect(open(release(lying, false))).rejects.toEqual(differs);
    await expect(open(release(lying))).rejects.toEqual(differs);
  });

  it('is refused where the blob has another tree than the manifest', async () => {
    await expect(open(release({ ...digests(), sha256Tree: wrong }, true))).rejects.toEqual(differs);
  });

  it('is refused where the manifest was edited', async () => {
    const { release: said, keys } = release(digests(), true);
    const manifest = said.manifest?.replace(digests().sha256Tree, wrong) ?? '';
    await expect(open({ release: { ...said, manifest }, keys })).rejects.toMatchObject({
      code: 'manifest_mismatch',
    });
  });
});
