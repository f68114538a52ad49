import type { Readable } from 'node:stream';
import { type Actor, CurrentActor, signatureOf } from '@castellan/access';
import { BodyStream, Endpoint } from '@castellan/http';
import { Controller, Delete, Get, Head, Param, Post, Put, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FindProject } from '../storage/find-project.js';
import { FindVersion } from '../versions/find-version.js';
import { StoreFile } from '../versions/store-file.js';
import type { VersionRow } from '../versions/version-store.js';
import { type ArrivingObject, arrivingObject } from './arriving-object.js';
import { objectList } from './list-objects.js';
import { PartedUse } from './parted-use.js';
import { objectAddress, ObjectQuery, partNumberOf } from './s3-address.js';
import { S3ErrorFilter } from './s3-error.filter.js';
import { bucketUnknown, notOffered, objectUnknown, partListMalformed } from './s3-refusals.js';
import { etagOf, namedParts, partList, uploadList, xmlOf } from './s3-xml.js';

/** 10,000 parts, each with its checksums. */
const MOST_XML_BYTES = 4 * 1024 * 1024;

interface Place {
  readonly bucket: string;
  readonly '*': string;
}

/**
 * The part of Amazon S3 that puts files into a version (https://docs.aws.amazon.com/AmazonS3/latest/API/), path-style: a bucket
 * is a project, a key is `model/number/path`, and the version was opened before. Nothing is given out: files are sealed, and
 * this process can't open them.
 */
@Controller('s3/:bucket')
@UseFilters(S3ErrorFilter)
export class S3Controller {
  constructor(
    private readonly find: FindVersion,
    private readonly projects: FindProject,
    private readonly storeFile: StoreFile,
    private readonly parted: PartedUse,
  ) {}

  @Head()
  @Endpoint({ permission: 'read:Version', summary: 'S3: HeadBucket' })
  async bucket(@Param('bucket') bucket: string, @CurrentActor() actor: Actor): Promise<void> {
    await this.projects.execute(actor, bucket);
  }

  @Get()
  @Endpoint({
    permission: 'read:Version',
    summary: 'S3: ListObjectsV2 and ListMultipartUploads within one version',
    query: ObjectQuery,
  })
  async list(
    @Param('bucket') bucket: string,
    @Query() query: ObjectQuery,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { folder, version: ref } = objectAddress(query.prefix ?? '');
    const coming = query.uploads !== undefined;
    const version = inBucket(bucket, await this.find.execute(actor, ref, coming ? 'publish' : 'read'));
    if (coming)
      return xml(reply, uploadList(bucket, folder, this.parted.open.parted.unfinishedOf(version.id)));
    return xml(reply, objectList(bucket, folder, query, version));
  }

  @Head('*')
  @Endpoint({ permission: 'read:Version', summary: 'S3: HeadObject' })
  async head(
    @Param() { bucket, '*': key }: Place,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (key === '') return this.bucket(bucket, actor);
    const { version: ref, path } = objectAddress(key);
    const version = inBucket(bucket, await this.find.execute(actor, ref));
    const file = version.files.find((each) => each.path === path);
    if (file === undefined) throw objectUnknown();
    const modified = (version.finalizedAt ?? version.activeAt).toUTCString();
    reply.headers({ etag: etagOf(file), 'content-length': `${file.sizeBytes}`, 'last-modified': modified });
    reply.header('content-type', 'application/octet-stream');
  }

  @Get('*')
  @Endpoint({ permission: 'read:Version', summary: 'S3: ListParts', query: ObjectQuery })
  async parts(
    @Param() { bucket, '*': key }: Place,
    @Query() query: ObjectQuery,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (key === '') return this.list(bucket, query, actor, reply);
    if (query.uploadId === undefined)
      throw notOffered(
        'Files are sealed; nothing of them is given out here. A version is served, or exported.',
      );
    const { version, path } = await this.#open(actor, bucket, key);
    return xml(reply, partList(bucket, key, this.parted.open.parted.open(version.id, path, query.uploadId)));
  }

  @Put('*')
  @Endpoint({
    permission: 'publish:Version',
    summary: 'S3: PutObject, UploadPart',
    query: ObjectQuery,
    stream: true,
  })
  async put(
    @Param() { bucket, '*': key }: Place,
    @Query() { uploadId, partNumber }: ObjectQuery,
    @Req() request: FastifyRequest,
    @BodyStream() body: Readable,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (request.headers['x-amz-copy-source'] !== undefined)
      throw notOffered('Files are not copied here: each version gets its own.');
    const { version, path } = await this.#open(actor, bucket, key);
    const object = arrivingObject(request.headers, standing(body), signatureOf(request));
    const stored =
      uploadId === undefined
        ? await this.storeFile.execute(actor, version, path, object)
        : await this.parted.storePart.execute(
            actor,
            version,
            { path, uploadId, number: partNumberOf(partNumber ?? '') },
            object,
          );
    reply.header('etag', etagOf(stored));
  }

  @Post('*')
  @Endpoint({
    permission: 'publish:Version',
    summary: 'S3: CreateMultipartUpload, CompleteMultipartUpload',
    query: ObjectQuery,
    stream: true,
  })
  async post(
    @Param() { bucket, '*': key }: Place,
    @Query() { uploads, uploadId }: ObjectQuery,
    @Req() request: FastifyRequest,
    @BodyStream() body: Readable,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { version, path } = await this.#open(actor, bucket, key);
    const named = [
      ['Bucket', bucket],
      ['Key', key],
    ] as const;
    if (uploads !== undefined) {
      const { id } = await this.parted.begin.execute(actor, version, path);
      return xml(reply, xmlOf('InitiateMultipartUploadResult', [...named, ['UploadId', id]]));
    }
    if (uploadId === undefined) throw notOffered('Of what S3 POSTs only multipart uploads are taken here.');
    const parts = namedParts(await listOf(request, body));
    const { headers } = request;
    const file = await this.parted.complete.execute(actor, version, { path, uploadId, parts, headers });
    return xml(reply, xmlOf('CompleteMultipartUploadResult', [...named, ['ETag', etagOf(file)]]));
  }

  @Delete('*')
  @Endpoint({
    permission: 'publish:Version',
    summary: 'S3: AbortMultipartUpload',
    query: ObjectQuery,
    status: 204,
  })
  async abort(
    @Param() { bucket, '*': key }: Place,
    @Query() { uploadId }: ObjectQuery,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    if (uploadId === undefined) throw notOffered('A file of a version is replaced, or given up with it.');
    const { version, path } = await this.#open(actor, bucket, key);
    await this.parted.drop.execute(actor, version, path, uploadId);
  }

  async #open(actor: Actor, bucket: string, key: string): Promise<{ version: VersionRow; path: string }> {
    const { version: ref, path } = objectAddress(key);
    return { version: inBucket(bucket, await this.find.execute(actor, ref, 'publish')), path };
  }
}

/** A refusal reaches who is still sending: the connection isn't ended with the reading. */
function standing(body: Readable): AsyncIterable<Uint8Array> {
  return body.iterator({ destroyOnReturn: false });
}

function inBucket(bucket: string, version: VersionRow): VersionRow {
  if (version.model.project.name !== bucket) throw bucketUnknown(bucket);
  return version;
}

function xml(reply: FastifyReply, text: string): string {
  reply.header('content-type', 'application/xml');
  return text;
}

/** The list of parts, as it was signed. Checksums in the headers are of the object. */
async function listOf(request: FastifyRequest, body: Readable): Promise<string> {
  const { 'content-length': length, 'x-amz-content-sha256': sha256 } = request.headers;
  const own = { 'content-length': length, 'x-amz-content-sha256': sha256 };
  const list: ArrivingObject = arrivingObject(own, standing(body), signatureOf(request));
  if (list.lengthBytes > MOST_XML_BYTES) throw partListMalformed();
  return Buffer.concat(await Array.fromAsync(list.body)).toString('utf8');
}
