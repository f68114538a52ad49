import { ExpiryAuthority } from '@castellan/audit';
import { ExpiryPermitRequest, ExpiryPermitResponse } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Post } from '@nestjs/common';

@Controller('v1/expiry-permits')
export class ExpiryPermitsController {
  constructor(private readonly authority: ExpiryAuthority) {}

  @Post()
  @Endpoint({
    peers: ['jobs'],
    summary: 'Let the payloads of leaves go that are old enough',
    input: ExpiryPermitRequest,
    output: ExpiryPermitResponse,
  })
  async permit(@Body() { leaves }: ExpiryPermitRequest): Promise<ExpiryPermitResponse> {
    return { permit: await this.authority.permit(leaves) };
  }
}
