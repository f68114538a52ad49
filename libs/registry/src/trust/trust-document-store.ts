import { Injectable } from '@nestjs/common';
import { DsseEnvelope, type DocumentKind } from '@castellan/contracts';
import { Database, type Prisma, type Tx } from '@castellan/database';

export type TrustDocumentRow = Prisma.TrustDocumentGetPayload<object>;

/** Copies of signed documents, for showing and for the broker to read approvals from. Never their authority. */
@Injectable()
export class TrustDocumentStore {
  constructor(private readonly database: Database) {}

  async exists(tx: Tx, digest: string): Promise<boolean> {
    return (await tx.trustDocument.count({ where: { digest } })) > 0;
  }

  create(
    tx: Tx,
    document: {
      digest: string;
      organizationId: string;
      kind: DocumentKind;
      subject: string;
      envelope: DsseEnvelope;
      submittedById: string;
    },
  ): Promise<TrustDocumentRow> {
    return tx.trustDocument.create({ data: { ...document, envelope: JSON.stringify(document.envelope) } });
  }

  visible(
    visible: Prisma.TrustDocumentWhereInput,
    filter: { kind?: DocumentKind; subject?: string },
  ): Promise<TrustDocumentRow[]> {
    return this.database.client.trustDocument.findMany({
      where: { AND: [visible, filter] },
      orderBy: { createdAt: 'asc' },
      take: 1000,
    });
  }

  about(organizationId: string, subjects: readonly string[]): Promise<TrustDocumentRow[]> {
    return this.database.client.trustDocument.findMany({
      where: { organizationId, subject: { in: [...subjects] } },
      orderBy: { createdAt: 'asc' },
    });
  }
}
