import { KekRequest, KekResponse } from '@castellan/contracts';
import { CurrentPeer, Endpoint, type Peer } from '@castellan/http';
import { Body, Controller, Post } from '@nestjs/common';
import { ProjectKeys } from './project-keys.js';

@Controller('v1/keks')
export class KeksController {
  constructor(private readonly projectKeys: ProjectKeys) {}

  @Post()
  @Endpoint({
    peers: ['api'],
    summary: "The public half of a project's key-encryption key",
    input: KekRequest,
    output: KekResponse,
  })
  async current(@Body() { projectId }: KekRequest, @CurrentPeer() peer: Peer): Promise<KekResponse> {
    const { kekId, version, publicKey } = await this.projectKeys.current(projectId, peer);
    return { kekId, version, publicKey: Buffer.from(publicKey).toString('base64') };
  }
}
