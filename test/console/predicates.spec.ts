import { describe, expect, it } from '@jest/globals';
import {
  APPROVAL_TYPE,
  DESTRUCTION_ORDER_TYPE,
  POLICY_TYPE,
  REVIEWER_CERTIFICATE_TYPE,
  REVOCATION_TYPE,
} from '@castellan/approval-policy';
import { predicates } from '../../apps/console/src/review/predicates.js';
import { readAllSigned } from '../../apps/console/src/review/signed-document.js';
import { livelyWorld } from './scene.js';

describe('the documents that the console shows', () => {
  it('bear the types that approval-policy gives them', () => {
    expect(predicates.approval.type).toBe(APPROVAL_TYPE);
    expect(predicates.revocation.type).toBe(REVOCATION_TYPE);
    expect(predicates.destructionOrder.type).toBe(DESTRUCTION_ORDER_TYPE);
    expect(predicates.policy.type).toBe(POLICY_TYPE);
    expect(predicates.reviewerCertificate.type).toBe(REVIEWER_CERTIFICATE_TYPE);
  });

  it('can be read as they are really written', async () => {
    const { world } = livelyWorld();
    for (const [kind, predicate] of [
      ['approval', predicates.approval],
      ['revocation', predicates.revocation],
      ['destruction-order', predicates.destructionOrder],
      ['policy', predicates.policy],
      ['reviewer-certificate', predicates.reviewerCertificate],
    ] as const) {
      const documents = world.trust.documents(kind);
      const read = await readAllSigned<unknown>(
        documents.map(({ envelope }) => envelope),
        predicate,
      );
      expect(read.map(({ digest }) => digest)).toEqual(documents.map(({ digest }) => digest));
      expect(read.length).toBeGreaterThan(0);
    }
  });

  it('are left out when they are of another kind or unreadable', async () => {
    const { world } = livelyWorld();
    const [policy] = world.trust.documents('policy');
    const broken = { payload: 'e30=', payloadType: 'x', signatures: [{ sig: 'AA==', keyid: '' }] };
    expect(await readAllSigned([policy?.envelope ?? broken, broken], predicates.approval)).toEqual([]);
  });
});
