import { type Actor, CurrentActor, visible } from '@castellan/access';
import {
  DocumentKind,
  DsseEnvelope,
  SubmitDocument as SubmitDocumentRequest,
  TrustDocument,
  TrustDocumentList,
  TrustRoot,
} from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { organizationTrust } from './organization-trust.js';
import { SubmitDocument } from './submit-document.js';
import { type TrustDocumentRow, TrustDocumentStore } from './trust-document-store.js';

const DocumentFilter = z.object({ kind: DocumentKind.optional(), subject: z.string().max(200).optional() });
type DocumentFilter = z.infer<typeof DocumentFilter>;

@Controller('api/v1')
export class TrustController {
  constructor(
    private readonly submitDocument: SubmitDocument,
    private readonly documents: TrustDocumentStore,
    private readonly keybroker: KeybrokerClient,
  ) {}

  @Post('trust-documents')
  @Endpoint({
    permission: 'submit:TrustDocument',
    summary: 'Submit a signed policy, reviewer certificate, approval or revocation',
    input: SubmitDocumentRequest,
    output: TrustDocument,
    status: 201,
  })
  async submit(
    @Body() { envelope }: SubmitDocumentRequest,
    @CurrentActor() actor: Actor,
  ): Promise<TrustDocument> {
    return showDocument(await this.submitDocument.execute(actor, envelope));
  }

  @Get('trust-documents')
  @Endpoint({
    permission: 'read:TrustDocument',
    summary: 'List signed documents',
    query: DocumentFilter,
    output: TrustDocumentList,
  })
  async list(
    @Query() { kind, subject }: DocumentFilter,
    @CurrentActor() actor: Actor,
  ): Promise<TrustDocumentList> {
    const filter = { ...(kind === undefined ? {} : { kind }), ...(subject === undefined ? {} : { subject }) };
    const rows = await this.documents.visible(visible(actor, 'TrustDocument'), filter);
    return { documents: rows.map(showDocument) };
  }

  @Get('trust')
  @Endpoint({
    permission: 'read:TrustDocument',
    summary: 'The root of trust as the keybroker states it',
    output: TrustRoot,
  })
  async trust(@CurrentActor() actor: Actor): Promise<TrustRoot> {
    return organizationTrust(await this.keybroker.trust(), actor.organizationName);
  }
}

function showDocument({
  digest,
  kind,
  subject,
  envelope,
  submittedById,
  createdAt,
}: TrustDocumentRow): TrustDocument {
  return {
    digest,
    kind: DocumentKind.parse(kind),
    subject,
    envelope: DsseEnvelope.parse(JSON.parse(envelope)),
    submittedBy: submittedById,
    createdAt: createdAt.toISOString(),
  };
}
