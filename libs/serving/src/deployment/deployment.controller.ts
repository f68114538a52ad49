import { type Actor, CurrentActor, visible } from '@castellan/access';
import {
  CreateDeployment as CreateDeploymentRequest,
  Deployment,
  DeploymentList,
} from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { CreateDeployment } from './create-deployment.js';
import { DeploymentStore } from './deployment-store.js';
import { deploymentUnknown } from './deployment-unknown.js';
import { showDeployment } from './show-deployment.js';
import { StopDeployment } from './stop-deployment.js';

@Controller('api/v1/deployments')
export class DeploymentController {
  constructor(
    private readonly createDeployment: CreateDeployment,
    private readonly stopDeployment: StopDeployment,
    private readonly deployments: DeploymentStore,
  ) {}

  @Post()
  @Endpoint({
    permission: 'create:Deployment',
    summary: 'Serve a version under a name',
    input: CreateDeploymentRequest,
    output: Deployment,
    status: 201,
  })
  async create(@Body() request: CreateDeploymentRequest, @CurrentActor() actor: Actor): Promise<Deployment> {
    return showDeployment(await this.createDeployment.execute(actor, request));
  }

  @Get()
  @Endpoint({ permission: 'read:Deployment', summary: 'List deployments', output: DeploymentList })
  async list(@CurrentActor() actor: Actor): Promise<DeploymentList> {
    const deployments = await this.deployments.visible(visible(actor, 'Deployment'));
    return { deployments: deployments.map(showDeployment) };
  }

  @Get(':name')
  @Endpoint({ permission: 'read:Deployment', summary: 'Show a deployment', output: Deployment })
  async show(@Param('name') name: string, @CurrentActor() actor: Actor): Promise<Deployment> {
    const deployment = await this.deployments.visibleByName(visible(actor, 'Deployment'), name);
    if (deployment === null) throw deploymentUnknown(name);
    return showDeployment(deployment);
  }

  @Delete(':name')
  @Endpoint({ permission: 'stop:Deployment', summary: 'Stop a deployment', status: 204 })
  async stop(@Param('name') name: string, @CurrentActor() actor: Actor): Promise<void> {
    await this.stopDeployment.execute(actor, name);
  }
}
