import { type Actor, CurrentActor } from '@castellan/access';
import { AuditReader } from '@castellan/audit';
import { AuditPage, AuditQuery, InclusionProof } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Controller, Get, Param, Query } from '@nestjs/common';

/** The log as people search it: each organisation sees its own events. */
@Controller('api/v1/audit/events')
export class AuditController {
  constructor(private readonly log: AuditReader) {}

  @Get()
  @Endpoint({
    permission: 'read:AuditLog',
    summary: 'Search the audit log',
    query: AuditQuery,
    output: AuditPage,
  })
  search(@Query() query: AuditQuery, @CurrentActor() { organizationId }: Actor): Promise<AuditPage> {
    const { actor, resource, from, to, before, ...rest } = query;
    return this.log.search({
      ...rest,
      organizationId,
      ...(actor === undefined ? {} : { actorId: actor }),
      ...(resource === undefined ? {} : { resourceId: resource }),
      ...(from === undefined ? {} : { from: new Date(from) }),
      ...(to === undefined ? {} : { to: new Date(to) }),
      ...(before === undefined ? {} : { before: BigInt(before) }),
    });
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
