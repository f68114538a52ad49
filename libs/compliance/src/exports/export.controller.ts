import { type Actor, CurrentActor, visible } from '@castellan/access';
import { AuditExport, AuditExportList, RequestAuditExport } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Header, Param, Post, Res, StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ComplianceError } from '../compliance-error.js';
import { CancelExport } from './cancel-export.js';
import { DownloadExport } from './download-export.js';
import { type ExportRow, ExportStore } from './export-store.js';
import { RequestExport } from './request-export.js';
import { showExport } from './show-export.js';

@Controller('api/v1/audit/exports')
export class ExportController {
  constructor(
    private readonly exports: ExportStore,
    private readonly requestExport: RequestExport,
    private readonly cancelExport: CancelExport,
    private readonly downloadExport: DownloadExport,
  ) {}

  @Post()
  @Endpoint({
    permission: 'create:AuditExport',
    summary: 'Export what a search of the audit log finds',
    input: RequestAuditExport,
    output: AuditExport,
    status: 202,
  })
  async request(@Body() request: RequestAuditExport, @CurrentActor() actor: Actor): Promise<AuditExport> {
    return showExport(await this.requestExport.execute(actor, request));
  }

  @Get()
  @Endpoint({ permission: 'read:AuditExport', summary: 'List exports', output: AuditExportList })
  async list(@CurrentActor() actor: Actor): Promise<AuditExportList> {
    return { exports: (await this.exports.latest(visible(actor, 'AuditExport'))).map(showExport) };
  }

  @Get(':id')
  @Endpoint({ permission: 'read:AuditExport', summary: 'Show an export', output: AuditExport })
  async show(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<AuditExport> {
    return showExport(await this.#find(actor, id));
  }

  @Post(':id/cancel')
  @Endpoint({ permission: 'cancel:AuditExport', summary: 'Give an export up', output: AuditExport })
  async cancel(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<AuditExport> {
    await this.cancelExport.execute(actor, await this.#find(actor, id));
    return showExport(await this.#find(actor, id));
  }

  @Get(':id/content')
  @Header('content-type', 'application/x-tar')
  @Endpoint({ permission: 'read:AuditExport', summary: 'The rows and what signs them (tar)' })
  async content(
    @Param('id') id: string,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { fileName, tar } = await this.downloadExport.execute(actor, await this.#find(actor, id));
    reply.header('content-disposition', `attachment; filename="${fileName}"`);
    return new StreamableFile(tar);
  }

  async #find(actor: Actor, id: string): Promise<ExportRow> {
    const row = await this.exports.visibleById(visible(actor, 'AuditExport'), id);
    if (row !== null) return row;
    throw new ComplianceError('export_unknown', {
      kind: 'not_found',
      publicDetail: 'There is no such export.',
    });
  }
}
