import {
  countOrders,
  readRootExportOrder,
  readTrustDocument,
  Trust,
  type AcceptedOrder,
  type CountedOrder,
  type RootExportOrder,
} from '@castellan/approval-policy';
import type { Clock } from '@castellan/audit';
import type { OrderedExport } from '@castellan/contracts';
import { readRecipientCertificate, type RecipientCertificate } from '@castellan/pki';
import type { HonouredDocuments } from '../trust/honoured-documents.js';

/** A project's keys that somebody ordered to be sealed to a certificate, and whose orders count now. */
export interface OrderedRoot {
  readonly order: RootExportOrder;
  readonly subjectSha256: string;
  readonly certificate: RecipientCertificate;
  readonly orders: readonly CountedOrder[];
  /** Whether they are two people's. */
  readonly isComplete: boolean;
}

/** What is ordered to leave, judged anew each time from the signed orders that the broker keeps itself. */
export class OrderedExports {
  constructor(
    private readonly documents: HonouredDocuments,
    private readonly clock: Clock,
  ) {}

  all(): OrderedRoot[] {
    const trust = new Trust(this.documents.trustMaterial);
    const terms = { trust, now: this.clock.now() };
    const bySubject = Map.groupBy(this.documents.rootExportOrders, subjectOf);
    return [...bySubject.values()].flatMap((accepted) => {
      const { orders, secondAt } = countOrders(accepted, 'root-export-order', terms);
      const [first] = accepted;
      if (orders.length === 0 || first === undefined) return [];
      const document = readTrustDocument(first.envelope);
      const order = readRootExportOrder(document);
      const certificate = readRecipientCertificate(order.certificate);
      const { subjectSha256 } = document;
      return [{ order, subjectSha256, certificate, orders, isComplete: secondAt !== undefined }];
    });
  }

  show(): OrderedExport[] {
    return this.all().map(({ order, certificate, orders, isComplete }) => ({
      projectId: order.targetId,
      organization: order.organization,
      project: order.project,
      recipient: certificate.sha256,
      holder: certificate.subject,
      validUntil: certificate.notAfter.toISOString(),
      certificate: order.certificate,
      state: isComplete ? 'ordered' : 'awaiting-second',
      orders: [...orders],
    }));
  }
}

/** Two orders count together only when they say the same about what leaves, and to whom. */
function subjectOf({ envelope }: AcceptedOrder): string {
  const document = readTrustDocument(envelope);
  const { targetId, organization, project, recipient, certificate } = readRootExportOrder(document);
  return [targetId, organization, project, recipient, certificate, document.subjectSha256].join('\n');
}
