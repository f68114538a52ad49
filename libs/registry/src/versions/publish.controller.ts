import type { Readable } from 'node:stream';
import { type Actor, CurrentActor, visible } from '@castellan/access';
import { FileStored, type ManifestFile, Version } from '@castellan/contracts';
import { BodyStream, Endpoint } from '@castellan/http';
import { Controller, Delete, Headers, Param, Post, Put } from '@nestjs/common';
import { modelUnknown } from '../models/model.controller.js';
import { ModelStore } from '../models/model-store.js';
import { AbandonVersion } from './abandon-version.js';
import { FinalizeVersion } from './finalize-version.js';
import { FindVersion } from './find-version.js';
import { showVersion } from './show-version.js';
import { StartVersion } from './start-version.js';
import { StoreFile } from './store-file.js';

/** How a version comes in: start, files one by one, finalise. `:version` is an id or `model@number`. */
@Controller('api/v1')
export class PublishController {
  constructor(
    private readonly models: ModelStore,
    private readonly find: FindVersion,
    private readonly startVersion: StartVersion,
    private readonly storeFile: StoreFile,
    private readonly finalizeVersion: FinalizeVersion,
    private readonly abandonVersion: AbandonVersion,
  ) {}

  @Post('models/:model/versions')
  @Endpoint({
    permission: 'publish:Version',
    summary: 'Start the next version of a model',
    output: Version,
    status: 201,
  })
  async start(@Param('model') ref: string, @CurrentActor() actor: Actor): Promise<Version> {
    const model = await this.models.visibleByNameOrId(visible(actor, 'Model'), ref);
    if (model === null) throw modelUnknown(ref);
    return showVersion(await this.startVersion.execute(actor, model));
  }

  @Put('versions/:version/files/*')
  @Endpoint({
    permission: 'publish:Version',
    summary: 'Upload one file (raw bytes)',
    output: FileStored,
    stream: true,
  })
  async store(
    @Param('version') ref: string,
    @Param('*') path: string,
    @BodyStream() body: Readable,
    @Headers('content-length') length: string | undefined,
    @CurrentActor() actor: Actor,
  ): Promise<ManifestFile> {
    const version = await this.find.execute(actor, ref, 'publish');
    const lengthBytes = Number(length ?? 0);
    return this.storeFile.execute(actor, version, path, { body, lengthBytes });
  }

  @Post('versions/:version/finalize')
  @Endpoint({
    permission: 'publish:Version',
    summary: 'Fix what the version is; it is scanned next',
    output: Version,
  })
  async finalize(@Param('version') ref: string, @CurrentActor() actor: Actor): Promise<Version> {
    const version = await this.find.execute(actor, ref, 'publish');
    return showVersion(await this.finalizeVersion.execute(actor, version));
  }

  @Delete('versions/:version')
  @Endpoint({
    permission: 'publish:Version',
    summary: 'Give up a version that was not finalised',
    status: 204,
  })
  async abandon(@Param('version') ref: string, @CurrentActor() actor: Actor): Promise<void> {
    await this.abandonVersion.execute(actor, await this.find.execute(actor, ref, 'publish'));
  }
}
