import { HonourRequest, HonourResponse, TrustRoot } from '@castellan/contracts';
import { CurrentPeer, Endpoint, type Peer } from '@castellan/http';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { HonourDocument } from './honour-document.js';
import { DescribeTrust } from './describe-trust.js';

@Controller('v1')
export class TrustController {
  constructor(
    private readonly honourDocument: HonourDocument,
    private readonly describeTrust: DescribeTrust,
  ) {}

  @Post('documents')
  @Endpoint({
    peers: ['api'],
    summary: 'Verify a signed document; policies, certificates, revocations and rejections take effect',
    input: HonourRequest,
    output: HonourResponse,
  })
  honour(@Body() { envelope }: HonourRequest, @CurrentPeer() peer: Peer): Promise<HonourResponse> {
    return this.honourDocument.honour(envelope, peer);
  }

  @Get('trust')
  @Endpoint({
    peers: ['api', 'gateway', 'worker', 'jobs'],
    summary: 'Whom the broker believes, and what it honours',
    output: TrustRoot,
  })
  trust(): TrustRoot {
    return this.describeTrust.describe();
  }
}
