import { S3Key } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Controller, Post } from '@nestjs/common';
import type { Actor } from '../actor.js';
import { CurrentActor } from '../authentication/current-actor.js';
import { ShowS3Key } from './show-s3-key.js';

@Controller('api/v1/s3-key')
export class S3KeyController {
  constructor(private readonly showS3Key: ShowS3Key) {}

  @Post()
  @Endpoint({
    permission: 'read:Me',
    summary: 'What S3 clients sign with in the name of the API key that asks',
    output: S3Key,
  })
  show(@CurrentActor() actor: Actor): Promise<S3Key> {
    return this.showS3Key.execute(actor);
  }
}
