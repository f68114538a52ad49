import { S3SecretRequest, S3SecretResponse } from '@castellan/contracts';
import { CurrentPeer, Endpoint, type Peer } from '@castellan/http';
import { Body, Controller, Post } from '@nestjs/common';
import { S3Secrets } from './s3-secrets.js';

@Controller('v1/s3-secrets')
export class S3SecretsController {
  constructor(private readonly secrets: S3Secrets) {}

  @Post()
  @Endpoint({
    peers: ['api'],
    summary: 'What S3 clients sign with in the name of an API key',
    input: S3SecretRequest,
    output: S3SecretResponse,
  })
  derive(@Body() { credentialId }: S3SecretRequest, @CurrentPeer() peer: Peer): Promise<S3SecretResponse> {
    return this.secrets.derive(credentialId, peer);
  }
}
