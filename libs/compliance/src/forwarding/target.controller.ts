import { type Actor, CurrentActor, visible } from '@castellan/access';
import { AuditReader } from '@castellan/audit';
import {
  CreateForwardingTarget,
  ForwardingDeliveryList,
  ForwardingTarget,
  ForwardingTargetCreated,
  ForwardingTargetList,
} from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { ComplianceError } from '../compliance-error.js';
import { parseCheckpoint } from '../exports/parse-checkpoint.js';
import { ChangeTarget } from './change-target.js';
import { CreateTarget } from './create-target.js';
import { showDelivery, showTarget } from './show-target.js';
import { type TargetRow, TargetStore } from './target-store.js';

@Controller('api/v1/audit/targets')
export class TargetController {
  constructor(
    private readonly targets: TargetStore,
    private readonly createTarget: CreateTarget,
    private readonly changeTarget: ChangeTarget,
    private readonly log: AuditReader,
  ) {}

  @Post()
  @Endpoint({
    permission: 'create:ForwardingTarget',
    summary: 'Forward audit events to a target as they are signed',
    input: CreateForwardingTarget,
    output: ForwardingTargetCreated,
    status: 201,
  })
  async create(
    @Body() request: CreateForwardingTarget,
    @CurrentActor() actor: Actor,
  ): Promise<ForwardingTargetCreated> {
    const { target, ...secret } = await this.createTarget.execute(actor, request);
    return { ...showTarget(target, await this.#signedSize()), ...secret };
  }

  @Get()
  @Endpoint({ permission: 'read:ForwardingTarget', summary: 'List targets', output: ForwardingTargetList })
  async list(@CurrentActor() actor: Actor): Promise<ForwardingTargetList> {
    const size = await this.#signedSize();
    const targets = await this.targets.visible(visible(actor, 'ForwardingTarget'));
    return { targets: targets.map((target) => showTarget(target, size)) };
  }

  @Get(':id/deliveries')
  @Endpoint({
    permission: 'read:ForwardingTarget',
    summary: 'The latest attempts to reach a target',
    output: ForwardingDeliveryList,
  })
  async deliveries(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<ForwardingDeliveryList> {
    const { id: targetId } = await this.#find(actor, id);
    return { deliveries: (await this.targets.deliveries(targetId)).map(showDelivery) };
  }

  @Post(':id/pause')
  @Endpoint({ permission: 'change:ForwardingTarget', summary: 'Pause forwarding', output: ForwardingTarget })
  pause(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<ForwardingTarget> {
    return this.#change(actor, id, 'paused');
  }

  @Post(':id/resume')
  @Endpoint({
    permission: 'change:ForwardingTarget',
    summary: 'Go on where it stopped',
    output: ForwardingTarget,
  })
  resume(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<ForwardingTarget> {
    return this.#change(actor, id, 'resumed');
  }

  @Delete(':id')
  @Endpoint({ permission: 'change:ForwardingTarget', summary: 'End forwarding', status: 204 })
  async remove(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<void> {
    await this.changeTarget.execute(actor, await this.#find(actor, id), 'removed');
  }

  async #change(actor: Actor, id: string, change: 'paused' | 'resumed'): Promise<ForwardingTarget> {
    await this.changeTarget.execute(actor, await this.#find(actor, id), change);
    return showTarget(await this.#find(actor, id), await this.#signedSize());
  }

  async #find(actor: Actor, id: string): Promise<TargetRow> {
    const row = await this.targets.visibleById(visible(actor, 'ForwardingTarget'), id);
    if (row !== null) return row;
    throw new ComplianceError('target_unknown', {
      kind: 'not_found',
      publicDetail: 'There is no such target.',
    });
  }

  async #signedSize(): Promise<bigint> {
    const { checkpoint } = await this.log.signedLeaves(0n, 0);
    return BigInt(parseCheckpoint(checkpoint).size);
  }
}
