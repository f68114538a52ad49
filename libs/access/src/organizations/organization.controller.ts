import {
  CreateOrganization as CreateOrganizationRequest,
  CreateProject as CreateProjectRequest,
  OrganizationCreated,
  Project,
  ProjectList,
} from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { visible } from '../ability/ability.js';
import type { Actor } from '../actor.js';
import { CurrentActor } from '../authentication/current-actor.js';
import { CreateOrganization } from './create-organization.js';
import { CreateProject } from './create-project.js';
import { ProjectStore, type ProjectRow } from './project-store.js';

@Controller('api/v1')
export class OrganizationController {
  constructor(
    private readonly createOrganization: CreateOrganization,
    private readonly createProject: CreateProject,
    private readonly projects: ProjectStore,
  ) {}

  @Post('organizations')
  @Endpoint({
    permission: 'create:Organization',
    summary: 'Make an organisation, its first administrator and a sign-in link',
    input: CreateOrganizationRequest,
    output: OrganizationCreated,
    status: 201,
  })
  found(
    @Body() request: CreateOrganizationRequest,
    @CurrentActor() actor: Actor,
  ): Promise<OrganizationCreated> {
    return this.createOrganization.execute(actor, request);
  }

  @Post('projects')
  @Endpoint({
    permission: 'create:Project',
    summary: 'Open a project',
    input: CreateProjectRequest,
    output: Project,
    status: 201,
  })
  async create(@Body() request: CreateProjectRequest, @CurrentActor() actor: Actor): Promise<Project> {
    return showProject(await this.createProject.execute(actor, request));
  }

  @Get('projects')
  @Endpoint({ permission: 'read:Project', summary: 'List projects', output: ProjectList })
  async list(@CurrentActor() actor: Actor): Promise<{ projects: Project[] }> {
    return { projects: (await this.projects.visible(visible(actor, 'Project'))).map(showProject) };
  }
}

function showProject({ id, name, createdAt }: ProjectRow): Project {
  return { id, name, createdAt: createdAt.toISOString() };
}
