import { CarryOutRequest, CarryOutResponse, OrderedDestructionList } from '@castellan/contracts';
import { CurrentPeer, Endpoint, type Peer } from '@castellan/http';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { CarryOutDestruction } from './carry-out-destruction.js';
import { OrderedDestructions } from './ordered-destructions.js';

@Controller('v1/destructions')
export class DestructionsController {
  constructor(
    private readonly ordered: OrderedDestructions,
    private readonly carryOutDestruction: CarryOutDestruction,
  ) {}

  @Get()
  @Endpoint({
    peers: ['api', 'jobs'],
    summary: 'What is ordered to be destroyed, judged from signatures',
    output: OrderedDestructionList,
  })
  list(): OrderedDestructionList {
    return { destructions: this.ordered.show(), destroyed: [...this.ordered.destroyed] };
  }

  @Post('carry-out')
  @Endpoint({
    peers: ['jobs'],
    summary: 'Destroy the keys of something whose time has come',
    input: CarryOutRequest,
    output: CarryOutResponse,
  })
  carryOut(@Body() { targetId }: CarryOutRequest, @CurrentPeer() peer: Peer): Promise<CarryOutResponse> {
    return this.carryOutDestruction.carryOut(targetId, peer);
  }
}
