import type { Readable } from 'node:stream';
import { type Actor, CurrentActor } from '@castellan/access';
import { Upload, UploadList } from '@castellan/contracts';
import { BodyStream, Endpoint } from '@castellan/http';
import { Controller, Delete, Get, Head, Headers, Options, Param, Patch, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { StorageTerms } from '../storage/storage-terms.js';
import { FindVersion } from '../versions/find-version.js';
import { AppendToUpload } from './append-to-upload.js';
import { CreateUpload } from './create-upload.js';
import { DropUpload } from './drop-upload.js';
import { FindUploads } from './find-uploads.js';
import { showUpload } from './show-upload.js';
import { byteCount, metadataOf, pathOf, requireTus, TUS_EXTENSIONS, TUS_VERSION } from './tus-headers.js';
import type { UploadRow } from './upload-store.js';

type Given = Readonly<Record<string, string | undefined>>;

/**
 * Files by pieces: the tus protocol, version 1.0.0 (https://tus.io/protocols/resumable-upload), with creation,
 * creation-with-upload, expiration and termination. `:version` is an id or `model@number`.
 */
@Controller('api/v1/versions/:version/uploads')
export class UploadController {
  constructor(
    private readonly find: FindVersion,
    private readonly uploads: FindUploads,
    private readonly create: CreateUpload,
    private readonly append: AppendToUpload,
    private readonly drop: DropUpload,
    private readonly terms: StorageTerms,
  ) {}

  @Options()
  @Endpoint({
    public: 'says which protocol is spoken here, and nothing else',
    summary: 'tus: what is spoken',
  })
  options(@Res({ passthrough: true }) reply: FastifyReply): void {
    reply.status(204).headers({ 'tus-version': TUS_VERSION, 'tus-extension': TUS_EXTENSIONS });
    reply.header('tus-resumable', TUS_VERSION);
  }

  @Get()
  @Endpoint({
    permission: 'publish:Version',
    summary: 'List files that are still coming in',
    output: UploadList,
  })
  async list(@Param('version') ref: string, @CurrentActor() actor: Actor): Promise<UploadList> {
    const version = await this.find.execute(actor, ref, 'publish');
    const uploads = await this.uploads.unfinished(version);
    return { uploads: uploads.map((upload) => showUpload(upload, this.terms)) };
  }

  @Post()
  @Endpoint({
    permission: 'publish:Version',
    summary: 'tus: begin the upload of a file by pieces',
    output: Upload,
    status: 201,
    stream: true,
  })
  async begin(
    @Param('version') ref: string,
    @Headers() given: Given,
    @BodyStream() body: Readable,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Upload> {
    requireTus(given['tus-resumable']);
    const lengthBytes = byteCount('Upload-Length', given['upload-length']);
    const path = pathOf(given['upload-metadata']);
    const version = await this.find.execute(actor, ref, 'publish');
    const begun = await this.create.execute(actor, version, { path, lengthBytes });
    const upload = await this.append.execute(actor, version, begun.id, { offset: 0, body });
    reply.header('location', `/api/v1/versions/${version.id}/uploads/${upload.id}`);
    this.#tell(reply, upload);
    return showUpload(upload, this.terms);
  }

  @Head(':upload')
  @Endpoint({ permission: 'publish:Version', summary: 'tus: how much of a file has come in' })
  async offset(
    @Param('version') ref: string,
    @Param('upload') id: string,
    @Headers('tus-resumable') tus: string | undefined,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    requireTus(tus);
    const upload = await this.uploads.one(await this.find.execute(actor, ref, 'publish'), id);
    this.#tell(reply, upload);
    const { lengthBytes, path } = upload;
    reply.headers({ 'upload-length': `${lengthBytes}`, 'upload-metadata': metadataOf(path) });
  }

  @Patch(':upload')
  @Endpoint({
    permission: 'publish:Version',
    summary: 'tus: send the next piece of a file',
    status: 204,
    stream: true,
  })
  async next(
    @Param('version') ref: string,
    @Param('upload') id: string,
    @Headers() given: Given,
    @BodyStream() body: Readable,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    requireTus(given['tus-resumable']);
    const offset = byteCount('Upload-Offset', given['upload-offset']);
    const lengthBytes = byteCount('Content-Length', given['content-length'] ?? '0');
    const version = await this.find.execute(actor, ref, 'publish');
    this.#tell(reply, await this.append.execute(actor, version, id, { offset, lengthBytes, body }));
  }

  @Delete(':upload')
  @Endpoint({ permission: 'publish:Version', summary: 'tus: give up the upload of a file', status: 204 })
  async giveUp(
    @Param('version') ref: string,
    @Param('upload') id: string,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const upload = await this.uploads.one(await this.find.execute(actor, ref, 'publish'), id);
    await this.drop.execute(actor, upload, 'given up');
    reply.header('tus-resumable', TUS_VERSION);
  }

  #tell(reply: FastifyReply, { offsetBytes, touchedAt, finishedAt }: UploadRow): void {
    reply.headers({ 'tus-resumable': TUS_VERSION, 'upload-offset': `${offsetBytes}` });
    if (finishedAt === null) reply.header('upload-expires', this.terms.uploadExpiry(touchedAt).toUTCString());
  }
}
