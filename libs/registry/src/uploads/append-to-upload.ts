import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Actor } from '@castellan/access';
import { DigestTree } from '@castellan/merkle-log';
import { rootOf, SealedStore, type SegmentToSeal, Sha256Stream } from '@castellan/vault';
import { RegistryError } from '../registry-error.js';
import { LooseBlobs } from '../storage/loose-blobs.js';
import { OpenUploads } from '../versions/open-uploads.js';
import type { VersionRow } from '../versions/version-store.js';
import { AppendsInProgress } from './appends-in-progress.js';
import { ArrivingBlocks, tooLong, tooSmall } from './arriving-blocks.js';
import { RecordSegment } from './record-segment.js';
import { offsetConflict, overtaken, uploadUnknown } from './upload-refusals.js';
import { type UploadRow, UploadStore } from './upload-store.js';

/** So much is lost at most when this process is killed: what came since the last segment was recorded. */
export const SEGMENT_BYTES = 64 * 1024 * 1024;

export interface Piece {
  /** Where the sender believes that the upload ends. */
  readonly offset: number;
  /** As the request declares it. */
  readonly lengthBytes?: number;
  readonly body: Readable;
}

/**
 * Appends to an upload, in constant memory: what arrives is sealed segment by segment, each under a data key that this
 * process can encrypt with, and recorded with the state of the file's SHA-256. When the sender breaks off, what came in
 * whole blocks is kept. With the last byte the file is recorded.
 *
 * @throws upload_unknown, upload_offset_conflict, upload_overtaken, upload_too_long, upload_piece_too_small,
 *   digest_state_unreadable, version_not_uploading, blob_swept; what the object store fails with
 */
@Injectable()
export class AppendToUpload {
  readonly #inProgress = new AppendsInProgress();

  constructor(
    private readonly uploads: UploadStore,
    private readonly keys: OpenUploads,
    private readonly sealed: SealedStore,
    private readonly loose: LooseBlobs,
    private readonly record: RecordSegment,
  ) {}

  async execute(actor: Actor, version: VersionRow, uploadId: string, piece: Piece): Promise<UploadRow> {
    const { promise: finished, resolve } = Promise.withResolvers<undefined>();
    let stopped = false;
    const stop = () => {
      stopped = true;
      piece.body.destroy(new Error('stopped'));
    };
    try {
      await this.#inProgress.takeOver(uploadId, { stop, finished });
      const upload = await this.#begin(version, uploadId, piece);
      const blocks = new ArrivingBlocks(piece.body, Number(upload.lengthBytes) - piece.offset);
      const appended = await this.#append(actor, version, upload, blocks);
      if (stopped && appended.finishedAt === null) throw overtaken();
      return appended;
    } finally {
      resolve(undefined);
    }
  }

  async #begin({ id }: VersionRow, uploadId: string, piece: Piece): Promise<UploadRow> {
    const upload = await this.uploads.find(id, uploadId);
    if (upload === null) throw uploadUnknown();
    const { offsetBytes, lengthBytes } = upload;
    if (piece.offset !== Number(offsetBytes)) throw offsetConflict(offsetBytes);
    if (piece.offset + (piece.lengthBytes ?? 0) > Number(lengthBytes)) throw tooLong();
    return upload;
  }

  async #append(
    actor: Actor,
    version: VersionRow,
    begun: UploadRow,
    blocks: ArrivingBlocks,
  ): Promise<UploadRow> {
    if (begun.finishedAt !== null) return begun;
    const { digestState, treeState } = begun;
    const sha256 = new Sha256Stream(digestState);
    const digest = { sha256, ...(treeState !== null && { tree: new DigestTree(treeState) }) };
    let upload = begun;
    try {
      while ((await blocks.more()) || isEmptyFile(upload))
        upload = await this.#seal(actor, version, upload, blocks, digest);
    } catch (error) {
      sha256.discard();
      throw error;
    }
    if (upload.finishedAt === null) sha256.discard();
    const kept = upload.offsetBytes - begun.offsetBytes;
    if (kept === 0n && blocks.receivedBytes > 0 && !blocks.brokenOff) throw tooSmall(blocks.receivedBytes);
    return upload;
  }

  /** One segment: written down as loose, sealed, recorded. */
  async #seal(
    actor: Actor,
    version: VersionRow,
    upload: UploadRow,
    blocks: ArrivingBlocks,
    digest: SegmentToSeal['digest'],
  ): Promise<UploadRow> {
    const dataKey = await this.keys.keyFor(version.id, version.model.projectId);
    const { dataKeyId, key } = dataKey;
    const { path } = upload;
    const startBytes = Number(upload.offsetBytes);
    const blobKey = this.sealed.newBlobKey(`versions/${version.id}`);
    await this.loose.announce(version.id, blobKey);
    try {
      const source = blocks.upTo(SEGMENT_BYTES);
      const segment = { dataKeyId, key, path, blobKey, startBytes, source, digest };
      const { sizeBytes } = await this.sealed.writeSegment(segment);
      const ends = startBytes + sizeBytes === Number(upload.lengthBytes);
      const hashed = ends ? await digestsOf(digest, startBytes + sizeBytes) : await stateOf(digest);
      const sealed = { startBytes, sizeBytes, blobKey, dataKeyId };
      return await this.record.execute(actor, upload, sealed, { dataKey, ...hashed });
    } catch (error) {
      // A refusal of ours means that nothing was recorded; after any other failure it may have been.
      if (error instanceof RegistryError) await this.loose.discard(blobKey);
      throw error;
    }
  }
}

async function digestsOf({ sha256, tree }: SegmentToSeal['digest'], sizeBytes: number) {
  return { sha256: await sha256.digest(), ...rootOf(tree, sizeBytes) };
}

async function stateOf({ sha256, tree }: SegmentToSeal['digest']) {
  return { state: await sha256.save(), ...(tree && { treeState: tree.save() }) };
}

/** It has one segment too, with nothing in it. */
function isEmptyFile({ lengthBytes, finishedAt }: UploadRow): boolean {
  return lengthBytes === 0n && finishedAt === null;
}
