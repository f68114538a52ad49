import { type Actor, CurrentActor } from '@castellan/access';
import { Quota, SetQuota as SetQuotaRequest } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { FindProject } from './find-project.js';
import { ProjectUsage } from './project-usage.js';
import { SetQuota } from './set-quota.js';

/** How much the versions of a project take, and may take. */
@Controller('api/v1/projects/:project/quota')
export class QuotaController {
  constructor(
    private readonly find: FindProject,
    private readonly usage: ProjectUsage,
    private readonly setQuota: SetQuota,
  ) {}

  @Get()
  @Endpoint({ permission: 'read:Model', summary: 'Show how much a project takes', output: Quota })
  async show(@Param('project') name: string, @CurrentActor() actor: Actor): Promise<Quota> {
    const project = await this.find.execute(actor, name);
    return { project: project.name, ...(await this.usage.show(project.id)) };
  }

  @Put()
  @Endpoint({
    permission: 'limit:Model',
    summary: 'Limit how much a project may take, or lift the limit',
    input: SetQuotaRequest,
    output: Quota,
  })
  async limit(
    @Param('project') name: string,
    @Body() { limitBytes }: SetQuotaRequest,
    @CurrentActor() actor: Actor,
  ): Promise<Quota> {
    const project = await this.find.execute(actor, name);
    return { project: project.name, ...(await this.setQuota.execute(actor, project, limitBytes)) };
  }
}
