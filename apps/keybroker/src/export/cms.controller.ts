import { CmsRequest, CmsResponse } from '@castellan/contracts';
import { CurrentPeer, Endpoint, type Peer } from '@castellan/http';
import { Body, Controller, Post } from '@nestjs/common';
import { SignExport } from './sign-export.js';

@Controller('v1/cms')
export class CmsController {
  constructor(private readonly signExport: SignExport) {}

  @Post()
  @Endpoint({
    peers: ['api', 'jobs'],
    summary: 'A detached CMS signature by the platform certificate',
    input: CmsRequest,
    output: CmsResponse,
  })
  sign(@Body() { content }: CmsRequest, @CurrentPeer() peer: Peer): Promise<CmsResponse> {
    return this.signExport.sign(Buffer.from(content, 'base64'), peer);
  }
}
