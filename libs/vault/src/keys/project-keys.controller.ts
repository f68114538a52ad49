import { type Actor, CurrentActor } from '@castellan/access';
import { KeyRotation, Name, ProjectKeys, RetireKeyPath, RotateKey } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { RetireProjectKey } from './retire-project-key.js';
import { RotateProjectKey } from './rotate-project-key.js';
import { showRotation, ShowProjectKeys } from './show-project-keys.js';
import { SteerRotation } from './steer-rotation.js';

const ProjectPath = z.object({ project: Name });

@Controller('api/v1/projects/:project/keys')
export class ProjectKeysController {
  constructor(
    private readonly showKeys: ShowProjectKeys,
    private readonly rotate: RotateProjectKey,
    private readonly steer: SteerRotation,
    private readonly retireKey: RetireProjectKey,
  ) {}

  @Get()
  @Endpoint({
    permission: 'read:KeyRotation',
    summary: "The versions of a project's key, and how the last rotation goes",
    params: ProjectPath,
    output: ProjectKeys,
  })
  show(@Param('project') project: string, @CurrentActor() actor: Actor): Promise<ProjectKeys> {
    return this.showKeys.execute(actor, project);
  }

  @Post('rotate')
  @Endpoint({
    permission: 'start:KeyRotation',
    summary: 'Give a project the next version of its key, and re-wrap what rests on older ones',
    params: ProjectPath,
    input: RotateKey,
    output: KeyRotation,
    status: 202,
  })
  async start(
    @Param('project') project: string,
    @Body() { fromVersion }: RotateKey,
    @CurrentActor() actor: Actor,
  ): Promise<KeyRotation> {
    return showRotation(await this.rotate.execute(actor, project, fromVersion));
  }

  @Post('rotation/cancel')
  @Endpoint({
    permission: 'cancel:KeyRotation',
    summary: 'Stop re-wrapping; what was re-wrapped stays so',
    params: ProjectPath,
    output: KeyRotation,
  })
  async cancel(@Param('project') project: string, @CurrentActor() actor: Actor): Promise<KeyRotation> {
    return showRotation(await this.steer.cancel(actor, project));
  }

  @Post('rotation/resume')
  @Endpoint({
    permission: 'cancel:KeyRotation',
    summary: 'Go on re-wrapping after a cancellation',
    params: ProjectPath,
    output: KeyRotation,
    status: 202,
  })
  async resume(@Param('project') project: string, @CurrentActor() actor: Actor): Promise<KeyRotation> {
    return showRotation(await this.steer.resume(actor, project));
  }

  @Post(':version/retire')
  @Endpoint({
    permission: 'retire:KeyRotation',
    summary: "Destroy an older version of a project's key, on which nothing rests any more",
    params: RetireKeyPath,
    output: ProjectKeys,
  })
  async retire(
    @Param() { project, version }: RetireKeyPath,
    @CurrentActor() actor: Actor,
  ): Promise<ProjectKeys> {
    await this.retireKey.execute(actor, project, version);
    return this.showKeys.execute(actor, project);
  }
}
