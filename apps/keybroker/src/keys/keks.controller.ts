import {
  KekRequest,
  KekResponse,
  RetireKekRequest,
  RetireKekResponse,
  RewrapRequest,
  RewrapResponse,
  RotateKekRequest,
  RotateKekResponse,
} from '@castellan/contracts';
import { CurrentPeer, Endpoint, type Peer } from '@castellan/http';
import { Body, Controller, Post } from '@nestjs/common';
import { ProjectKeys } from './project-keys.js';
import { RetireKey } from './retire-key.js';
import { RewrapDataKeys } from './rewrap-data-keys.js';

@Controller('v1/keks')
export class KeksController {
  constructor(
    private readonly projectKeys: ProjectKeys,
    private readonly rewrapDataKeys: RewrapDataKeys,
    private readonly retireKey: RetireKey,
  ) {}

  @Post()
  @Endpoint({
    peers: ['api', 'jobs'],
    summary: "The public half of a project's key-encryption key",
    input: KekRequest,
    output: KekResponse,
  })
  async current(@Body() { projectId }: KekRequest, @CurrentPeer() peer: Peer): Promise<KekResponse> {
    const { kekId, version, publicKey } = await this.projectKeys.current(projectId, peer);
    return { kekId, version, publicKey: Buffer.from(publicKey).toString('base64') };
  }

  @Post('rotate')
  @Endpoint({
    peers: ['api', 'jobs'],
    summary: 'Make the next version of a key-encryption key; refused unless the caller names the current one',
    input: RotateKekRequest,
    output: RotateKekResponse,
  })
  async rotate(
    @Body() { projectId, fromVersion }: RotateKekRequest,
    @CurrentPeer() peer: Peer,
  ): Promise<RotateKekResponse> {
    const { kekId, version } = await this.projectKeys.rotate(projectId, fromVersion, peer);
    return { kekId, version };
  }

  @Post('rewrap')
  @Endpoint({
    peers: ['jobs'],
    summary: 'Move the next data keys of a project to its current key-encryption key',
    input: RewrapRequest,
    output: RewrapResponse,
  })
  rewrap(@Body() request: RewrapRequest, @CurrentPeer() peer: Peer): Promise<RewrapResponse> {
    return this.rewrapDataKeys.rewrap(request, peer);
  }

  @Post('retire')
  @Endpoint({
    peers: ['api', 'jobs'],
    summary: 'Destroy an older key-encryption key that nothing rests on',
    input: RetireKekRequest,
    output: RetireKekResponse,
  })
  async retire(
    @Body() { projectId, version }: RetireKekRequest,
    @CurrentPeer() peer: Peer,
  ): Promise<RetireKekResponse> {
    return { retiredAt: (await this.retireKey.retire(projectId, version, peer)).toISOString() };
  }
}
