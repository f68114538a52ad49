import { type Actor, CurrentActor } from '@castellan/access';
import { DestructionCertificate, DestructionList, Id } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Controller, Get, Param } from '@nestjs/common';
import { z } from 'zod';
import { Destructions } from './destructions.js';

const TargetPath = z.object({ targetId: Id });

@Controller('api/v1/destructions')
export class DestructionsController {
  constructor(private readonly destructions: Destructions) {}

  @Get()
  @Endpoint({
    permission: 'read:Destruction',
    summary: 'What is ordered to be destroyed, and what was',
    output: DestructionList,
  })
  async list(@CurrentActor() actor: Actor): Promise<DestructionList> {
    return { destructions: await this.destructions.list(actor) };
  }

  @Get(':targetId/certificate')
  @Endpoint({
    permission: 'read:Destruction',
    summary: 'The certificate of a destruction, and the platform’s signature over it',
    params: TargetPath,
    output: DestructionCertificate,
  })
  certificate(
    @Param('targetId') targetId: string,
    @CurrentActor() actor: Actor,
  ): Promise<DestructionCertificate> {
    return this.destructions.certificate(actor, targetId);
  }
}
