import { createHash } from 'node:crypto';
import { countOrders, readRootExportOrder, readTrustDocument, Trust } from '@castellan/approval-policy';
import type { KeyExport, ProjectRootPackage } from '@castellan/contracts';
import { readRecipientCertificate } from '@castellan/pki';
import { FakeRefusal } from './fake-refusal.js';
import type { FakeTrust } from './fake-trust.js';

/** What is ordered to leave, judged from the signed orders as the keybroker does. */
export class FakeTransfers {
  constructor(private readonly trust: FakeTrust) {}

  list(now: Date): KeyExport[] {
    const trust = new Trust({ officers: this.trust.officerKeys, ...this.trust.material() });
    const orders = this.trust.documents('root-export-order').map(({ envelope, createdAt }) => ({
      accepted: { envelope, acceptedAt: new Date(createdAt) },
      order: readRootExportOrder(readTrustDocument(envelope)),
    }));
    const bySubject = Map.groupBy(orders, ({ order }) => `${order.targetId}/${order.recipient}`);
    return [...bySubject.values()].flatMap((about) => {
      const accepted = about.map((each) => each.accepted);
      const { orders: counted, secondAt } = countOrders(accepted, 'root-export-order', { trust, now });
      const [first] = about;
      if (first === undefined || counted.length === 0) return [];
      const { targetId: projectId, project, certificate } = first.order;
      const { sha256: recipient, subject: holder, notAfter } = readRecipientCertificate(certificate);
      const state = secondAt === undefined ? ('awaiting-second' as const) : ('ordered' as const);
      const validUntil = notAfter.toISOString();
      return [
        { projectId, project, recipient, holder, validUntil, certificate, state, orders: [...counted] },
      ];
    });
  }

  /** @throws FakeRefusal `root_export_not_ordered` */
  export(project: string, recipient: string, now: Date): { package: ProjectRootPackage; sender: string } {
    const found = this.list(now).find((each) => each.project === project && each.recipient === recipient);
    if (found?.state !== 'ordered')
      throw new FakeRefusal(403, 'root_export_not_ordered', 'It takes the orders of two people.');
    const sealed = {
      format: 'castellan.project-root/v1',
      header: '{}',
      enc: 'AAAA',
      ciphertext: 'AAAA',
    } as const;
    const sender = createHash('sha256').update('here').digest('hex');
    return { package: { ...sealed, signature: 'AAAA', certificates: ['', ''] }, sender };
  }
}
