import { type Actor, CurrentActor } from '@castellan/access';
import {
  ExportedKeys,
  ExportKeys,
  ImportedKeys,
  ImportKeys,
  KeyExportList,
  KeyRecipient,
} from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { ExportProjectRoot } from './export-project-root.js';
import { ImportProjectRoot } from './import-project-root.js';

/** Projects' keys on their way from platform to platform. */
@Controller('api/v1')
export class TransferController {
  constructor(
    private readonly exportRoot: ExportProjectRoot,
    private readonly importRoot: ImportProjectRoot,
  ) {}

  @Get('key-exports')
  @Endpoint({
    permission: 'read:RootRecipient',
    summary: 'Which projects’ keys are ordered to be sealed to which certificate, and by whom',
    output: KeyExportList,
  })
  async list(@CurrentActor() actor: Actor): Promise<KeyExportList> {
    return { exports: await this.exportRoot.list(actor) };
  }

  @Post('key-exports')
  @Endpoint({
    permission: 'export:KeyRotation',
    summary: 'A project’s keys, sealed to the certificate that two people ordered',
    input: ExportKeys,
    output: ExportedKeys,
  })
  export(@Body() request: ExportKeys, @CurrentActor() actor: Actor): Promise<ExportedKeys> {
    return this.exportRoot.execute(actor, request);
  }

  @Post('key-recipients')
  @Endpoint({
    permission: 'create:RootRecipient',
    summary: 'A certificate that another platform can seal one project’s keys to',
    output: KeyRecipient,
    status: 201,
  })
  recipient(@CurrentActor() actor: Actor): Promise<KeyRecipient> {
    return this.importRoot.recipient(actor);
  }

  @Post('key-imports')
  @Endpoint({
    permission: 'import:RootRecipient',
    summary: 'Take in a project’s keys that another platform sealed to a certificate of this one',
    input: ImportKeys,
    output: ImportedKeys,
  })
  import(@Body() request: ImportKeys, @CurrentActor() actor: Actor): Promise<ImportedKeys> {
    return this.importRoot.execute(actor, request);
  }
}
