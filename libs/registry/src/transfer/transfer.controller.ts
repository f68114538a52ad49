import { Readable } from 'node:stream';
import { type Actor, CurrentActor } from '@castellan/access';
import { ArrivedBlobs, ArrivingVersion, Version, VersionTransfer } from '@castellan/contracts';
import { BodyStream, Endpoint } from '@castellan/http';
import { Body, Controller, Get, Header, Headers, Param, Post, Put, StreamableFile } from '@nestjs/common';
import { FindProject } from '../storage/find-project.js';
import { FindVersion } from '../versions/find-version.js';
import { showVersion } from '../versions/show-version.js';
import { DescribeTransfer } from './describe-transfer.js';
import { ReceiveBlob } from './receive-blob.js';
import { ReceiveVersion } from './receive-version.js';

/** Versions on their way from platform to platform: sealed bytes, and what is needed beside them. */
@Controller('api/v1')
export class VersionTransferController {
  constructor(
    private readonly findVersion: FindVersion,
    private readonly findProject: FindProject,
    private readonly describe: DescribeTransfer,
    private readonly receiveBlob: ReceiveBlob,
    private readonly receiveVersion: ReceiveVersion,
  ) {}

  @Get('versions/:version/transfer')
  @Endpoint({
    permission: 'send:Version',
    summary: 'What another platform needs of a version beside its sealed bytes and the project’s keys',
    output: VersionTransfer,
  })
  async transfer(@Param('version') ref: string, @CurrentActor() actor: Actor): Promise<VersionTransfer> {
    return this.describe.execute(actor, await this.findVersion.execute(actor, ref, 'send'));
  }

  @Get('versions/:version/sealed/:turn')
  @Header('content-type', 'application/octet-stream')
  @Endpoint({ permission: 'send:Version', summary: 'The n-th sealed blob of a version' })
  async sealed(
    @Param('version') ref: string,
    @Param('turn') turn: string,
    @CurrentActor() actor: Actor,
  ): Promise<StreamableFile> {
    const version = await this.findVersion.execute(actor, ref, 'send');
    return new StreamableFile(Readable.from(this.describe.blob(actor, version, Number(turn))));
  }

  @Get('projects/:project/arrivals/:versionId')
  @Endpoint({
    permission: 'receive:Model',
    summary: 'Which sealed blobs of an arriving version are here',
    output: ArrivedBlobs,
  })
  async arrived(
    @Param('project') name: string,
    @Param('versionId') versionId: string,
    @CurrentActor() actor: Actor,
  ): Promise<ArrivedBlobs> {
    const project = await this.findProject.execute(actor, name);
    return { blobs: await this.receiveBlob.arrived(actor, project, versionId) };
  }

  @Put('projects/:project/arrivals/:versionId/:sha256')
  @Endpoint({
    permission: 'receive:Model',
    summary: 'One sealed blob of an arriving version (raw bytes)',
    stream: true,
    status: 204,
  })
  async blob(
    @Param('project') name: string,
    @Param('versionId') versionId: string,
    @Param('sha256') sha256: string,
    @BodyStream() body: Readable,
    @Headers('content-length') length: string | undefined,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    const project = await this.findProject.execute(actor, name);
    const blob = { versionId, sha256, body, lengthBytes: Number(length ?? 0) };
    await this.receiveBlob.execute(actor, project, blob);
  }

  @Post('projects/:project/arrivals')
  @Endpoint({
    permission: 'receive:Model',
    summary: 'Record a version whose sealed blobs have arrived; it is scanned next',
    input: ArrivingVersion,
    output: Version,
    status: 201,
  })
  async receive(
    @Param('project') name: string,
    @Body() arriving: ArrivingVersion,
    @CurrentActor() actor: Actor,
  ): Promise<Version> {
    const project = await this.findProject.execute(actor, name);
    return showVersion(await this.receiveVersion.execute(actor, project, arriving));
  }
}
