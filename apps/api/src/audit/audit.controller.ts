import { type Actor, CurrentActor } from '@castellan/access';
import { auditFilterOf, OpenedLog } from '@castellan/audit';
import { AuditPage, AuditQuery, InclusionProof } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Controller, Get, Param, Query } from '@nestjs/common';

/** The log as people search it: each organisation sees its own events. */
@Controller('api/v1/audit/events')
export class AuditController {
  constructor(private readonly log: OpenedLog) {}

  @Get()
  @Endpoint({
    permission: 'read:AuditLog',
    summary: 'Search the audit log',
    query: AuditQuery,
    output: AuditPage,
  })
  search(@Query() query: AuditQuery, @CurrentActor() { organizationId }: Actor): Promise<AuditPage> {
    const before = query.before === undefined ? {} : { before: BigInt(query.before) };
    return this.log.search({ ...auditFilterOf(query, organizationId), ...before, limit: query.limit });
  }

  @Get(':event/proof')
  @Endpoint({
    permission: 'read:AuditLog',
    summary: 'Prove that an event is in the log',
    output: InclusionProof,
  })
  prove(@Param('event') eventId: string, @CurrentActor() { organizationId }: Actor): Promise<InclusionProof> {
    return this.log.inclusionProof(eventId, organizationId);
  }
}
