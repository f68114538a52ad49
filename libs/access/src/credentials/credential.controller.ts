import { CreateCredential, CredentialCreated, Id } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Delete, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import type { Actor } from '../actor.js';
import { CurrentActor } from '../authentication/current-actor.js';
import { IssueCredential } from './issue-credential.js';
import { RevokeCredential } from './revoke-credential.js';

const ById = z.object({ id: Id });

@Controller('api/v1')
export class CredentialController {
  constructor(
    private readonly issueCredential: IssueCredential,
    private readonly revokeCredential: RevokeCredential,
  ) {}

  @Post('people/:id/credentials')
  @Endpoint({
    permission: 'create:Credential',
    summary: 'Make an API key or a sign-in link; the secret is shown once',
    params: ById,
    input: CreateCredential,
    output: CredentialCreated,
    status: 201,
  })
  issue(
    @Param('id') personId: string,
    @Body() request: CreateCredential,
    @CurrentActor() actor: Actor,
  ): Promise<CredentialCreated> {
    return this.issueCredential.execute(actor, personId, request);
  }

  @Delete('credentials/:id')
  @Endpoint({
    permission: 'revoke:Credential',
    summary: 'End a key, link or session',
    params: ById,
    status: 204,
  })
  async revoke(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<void> {
    await this.revokeCredential.execute(actor, id);
  }
}
