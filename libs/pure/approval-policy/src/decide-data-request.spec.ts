import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { dataApprovalPayload } from './data-approval.js';
import { decideDataRequest, type DataRequest } from './decide-data-request.js';
import { certify, daysFromNow, digestOf, NOW, revoke, scope, Signer } from './testing.js';

const officer = new Signer('olga');
const [stella, rita, rolf] = [new Signer('stella'), new Signer('rita'), new Signer('rolf')];
const request: DataRequest = {
  digest: 'ab'.repeat(32),
  ...scope,
  requester: 'stella',
  signers: 1,
  requesterCounts: false,
};
type Terms = Parameters<typeof dataApprovalPayload>[1];

function sign(by: Signer, changes: Partial<Terms> & { digest?: string } = {}) {
  const { digest = request.digest, ...terms } = changes;
  const approval: Terms = {
    decision: 'approve',
    ...scope,
    person: by.name,
    reason: 'The gates are strict enough.',
    issuedAt: daysFromNow(-1),
    expiresAt: daysFromNow(7),
    nonce: randomUUID(),
    ...terms,
  };
  return by.sign(dataApprovalPayload({ name: 'masked release of wages', requestDigest: digest }, approval));
}

const material = {
  officers: [officer.publicKey],
  reviewerCertificates: [stella, rita, rolf].map((person) => certify(officer, person)),
  revocations: [] as ReturnType<typeof revoke>[],
};
const decide = (
  approvals: ReturnType<typeof sign>[],
  changes: Partial<DataRequest> = {},
  trust: Partial<typeof material> = {},
) => decideDataRequest({ ...material, ...trust, request: { ...request, ...changes }, approvals, now: NOW });
const codes = (decision: ReturnType<typeof decide>) => decision.reasons.map(({ code }) => code);

describe('a request for protected data', () => {
  it('is allowed by a second person’s signature', () => {
    expect(decide([sign(rita)])).toMatchObject({
      allowed: true,
      approvals: [{ person: 'rita' }],
      reasons: [],
    });
  });

  it('is not allowed by nobody, and not by who made it', () => {
    expect(codes(decide([]))).toEqual(['quorum_not_met']);
    expect(codes(decide([sign(stella)]))).toEqual(['requester_may_not_approve', 'quorum_not_met']);
  });

  it('that takes two people counts each once, the requester among them where she counts', () => {
    const two = { signers: 2, requesterCounts: true };
    expect(codes(decide([sign(rita), sign(rita)], two))).toEqual(['quorum_not_met']);
    expect(decide([sign(stella), sign(rita)], two).allowed).toBe(true);
    expect(decide([sign(rita), sign(rolf)], two).allowed).toBe(true);
  });

  it('counts one key once, though it was certified for two people', () => {
    const twice = certify(officer, rita, { person: 'double' });
    const trust = { reviewerCertificates: [...material.reviewerCertificates, twice] };
    const approvals = [sign(rita), sign(rita, { person: 'double' })];
    expect(decide(approvals, { signers: 2 }, trust).allowed).toBe(false);
  });

  it.each([
    ['of another text', { digest: 'cd'.repeat(32) }, 'approval_for_other_digest'],
    ['of another project', { project: 'speech' }, 'reviewer_out_of_scope'],
    ['that has ended', { expiresAt: daysFromNow(0) }, 'approval_expired'],
    ['of tomorrow', { issuedAt: daysFromNow(1) }, 'approval_not_yet_valid'],
    ['in another’s name', { person: 'rolf' }, 'reviewer_untrusted'],
  ])('is not allowed by an approval %s', (_, changes, code) => {
    expect(codes(decide([sign(rita, changes)]))).toEqual([code, 'quorum_not_met']);
  });

  it('is not allowed by a stranger, nor by what was taken back', () => {
    expect(codes(decide([sign(new Signer('mallory'))]))).toContain('reviewer_untrusted');
    const approval = sign(rita);
    const revocations = [revoke(rita, digestOf(approval))];
    expect(codes(decide([approval], {}, { revocations }))).toEqual(['approval_revoked', 'quorum_not_met']);
  });

  it('stays refused while a rejection stands, whoever else approves', () => {
    const rejection = sign(rolf, { decision: 'reject' });
    expect(codes(decide([sign(rita), rejection]))).toEqual(['request_rejected']);
    const revocations = [revoke(rolf, digestOf(rejection))];
    expect(decide([sign(rita), rejection], {}, { revocations }).allowed).toBe(true);
  });
});
