import { CheckpointAuthority } from '@castellan/audit';
import { LastCheckpointResponse, SignCheckpointRequest, SignCheckpointResponse } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Post } from '@nestjs/common';

@Controller('v1/checkpoints')
export class CheckpointsController {
  constructor(private readonly authority: CheckpointAuthority) {}

  @Post()
  @Endpoint({
    peers: ['jobs'],
    summary: 'Sign a checkpoint that continues the last one',
    input: SignCheckpointRequest,
    output: SignCheckpointResponse,
  })
  async sign(@Body() { oldSize, proof, checkpoint }: SignCheckpointRequest): Promise<SignCheckpointResponse> {
    const hashes = proof.map((hash) => new Uint8Array(Buffer.from(hash, 'base64')));
    return { note: await this.authority.sign({ oldSize: Number(oldSize), proof: hashes, checkpoint }) };
  }

  @Get('last')
  @Endpoint({
    peers: ['jobs'],
    summary: 'The last checkpoint that was signed',
    output: LastCheckpointResponse,
  })
  async last(): Promise<LastCheckpointResponse> {
    const note = await this.authority.last();
    return note === undefined ? {} : { note };
  }
}
