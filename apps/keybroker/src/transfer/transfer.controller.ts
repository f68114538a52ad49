import {
  ImportedKeys,
  KeyRecipient,
  OrderedExportList,
  ProjectRootPackage,
  RootExportRequest,
  RootImportRequest,
  RootRecipientRequest,
} from '@castellan/contracts';
import { CurrentPeer, Endpoint, type Peer } from '@castellan/http';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { ExportRoot } from './export-root.js';
import { ImportRoot } from './import-root.js';
import { OrderedExports } from './ordered-exports.js';
import { RootRecipients } from './root-recipients.js';

@Controller('v1')
export class TransferController {
  constructor(
    private readonly ordered: OrderedExports,
    private readonly exportRoot: ExportRoot,
    private readonly recipients: RootRecipients,
    private readonly importRoot: ImportRoot,
  ) {}

  @Get('root-exports')
  @Endpoint({
    peers: ['api'],
    summary: 'Which projects’ keys are ordered to leave, judged from signatures',
    output: OrderedExportList,
  })
  list(): OrderedExportList {
    return { exports: this.ordered.show() };
  }

  @Post('root-exports')
  @Endpoint({
    peers: ['api'],
    summary: 'Seal a project’s keys to the certificate that two people ordered',
    input: RootExportRequest,
    output: ProjectRootPackage,
  })
  export(@Body() request: RootExportRequest, @CurrentPeer() peer: Peer): Promise<ProjectRootPackage> {
    return this.exportRoot.export(request, peer);
  }

  @Post('root-recipients')
  @Endpoint({
    peers: ['api'],
    summary: 'Make a certificate that one project’s keys can be sealed to',
    input: RootRecipientRequest,
    output: KeyRecipient,
  })
  createRecipient(
    @Body() { organizationId }: RootRecipientRequest,
    @CurrentPeer() peer: Peer,
  ): Promise<KeyRecipient> {
    return this.recipients.create(organizationId, peer);
  }

  @Post('root-imports')
  @Endpoint({
    peers: ['api'],
    summary: 'Take a project’s keys in that were sealed to a certificate made here',
    input: RootImportRequest,
    output: ImportedKeys,
  })
  import(@Body() request: RootImportRequest, @CurrentPeer() peer: Peer): Promise<ImportedKeys> {
    return this.importRoot.import(request, peer);
  }
}
