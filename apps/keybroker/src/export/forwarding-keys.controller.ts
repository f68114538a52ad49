import { ForwardingKeyRequest, ForwardingKeyResponse } from '@castellan/contracts';
import { CurrentPeer, Endpoint, type Peer } from '@castellan/http';
import { Body, Controller, Post } from '@nestjs/common';
import { ForwardingKeys } from './forwarding-keys.js';

@Controller('v1/forwarding-keys')
export class ForwardingKeysController {
  constructor(private readonly keys: ForwardingKeys) {}

  @Post()
  @Endpoint({
    peers: ['api', 'jobs'],
    summary: 'The key that deliveries to a webhook are signed with',
    input: ForwardingKeyRequest,
    output: ForwardingKeyResponse,
  })
  derive(
    @Body() { targetId }: ForwardingKeyRequest,
    @CurrentPeer() peer: Peer,
  ): Promise<ForwardingKeyResponse> {
    return this.keys.derive(targetId, peer);
  }
}
