import { type Actor, CurrentActor, visible } from '@castellan/access';
import { Review, Version, VersionList } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ExportEvidence } from '../evidence/export-evidence.js';
import { modelUnknown } from '../models/model.controller.js';
import { ModelStore } from '../models/model-store.js';
import { ShowReview } from '../trust/show-review.js';
import { FindVersion } from './find-version.js';
import { showVersion } from './show-version.js';
import { VersionStore } from './version-store.js';

/** What can be read of versions. `:version` is an id or `model@number`. */
@Controller('api/v1')
export class VersionController {
  constructor(
    private readonly models: ModelStore,
    private readonly versions: VersionStore,
    private readonly find: FindVersion,
    private readonly showReview: ShowReview,
    private readonly exportEvidence: ExportEvidence,
  ) {}

  @Get('models/:model/versions')
  @Endpoint({ permission: 'read:Version', summary: 'List the versions of a model', output: VersionList })
  async list(@Param('model') ref: string, @CurrentActor() actor: Actor): Promise<VersionList> {
    const model = await this.models.visibleByNameOrId(visible(actor, 'Model'), ref);
    if (model === null) throw modelUnknown(ref);
    const versions = await this.versions.visibleOfModel(visible(actor, 'Version'), model.id);
    return { versions: versions.map(showVersion) };
  }

  @Get('versions/:version')
  @Endpoint({ permission: 'read:Version', summary: 'Show a version', output: Version })
  async show(@Param('version') ref: string, @CurrentActor() actor: Actor): Promise<Version> {
    return showVersion(await this.find.execute(actor, ref));
  }

  @Get('versions/:version/review')
  @Endpoint({ permission: 'read:Version', summary: 'What a reviewer needs in order to sign', output: Review })
  async review(@Param('version') ref: string, @CurrentActor() actor: Actor): Promise<Review> {
    return this.showReview.execute(actor, await this.find.execute(actor, ref));
  }

  @Get('versions/:version/evidence')
  @Header('content-type', 'application/x-tar')
  @Endpoint({
    permission: 'export:Version',
    summary: 'Everything an auditor needs to check the version offline (tar)',
  })
  async evidence(
    @Param('version') ref: string,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const bundle = await this.exportEvidence.execute(actor, await this.find.execute(actor, ref, 'export'));
    reply.header('content-disposition', `attachment; filename="${bundle.fileName}"`);
    return bundle.bytes;
  }
}
