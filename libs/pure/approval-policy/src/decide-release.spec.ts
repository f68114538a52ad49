import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildEnvelope, IN_TOTO_PAYLOAD_TYPE, payloadBytes, type Envelope } from '@castellan/dsse';
import { decideRelease, type ReleaseQuestion } from './decide-release.js';
import {
  certify,
  daysFromNow,
  decide,
  digestOf,
  manifestText,
  NOW,
  revoke,
  SCAN,
  setPolicy,
  Signer,
  versionDigest,
} from './testing.js';

const officer = new Signer('olga');
const stranger = new Signer('mallory');
const rita = new Signer('rita');
const remy = new Signer('remy');
const anna = new Signer('anna'); // the author of the version

const ritaCertificate = certify(officer, rita);
const remyCertificate = certify(officer, remy);
const policy = setPolicy(officer);
const approval = decide(rita, policy);

const sound: ReleaseQuestion = {
  manifest: manifestText,
  versionDigest,
  officers: [officer.publicKey],
  policy,
  reviewerCertificates: [ritaCertificate, remyCertificate],
  approvals: [approval],
  revocations: [],
  now: NOW,
};

function codes(changes: Partial<ReleaseQuestion>): string[] {
  const decision = decideRelease({ ...sound, ...changes });
  return decision.allowed ? ['allowed'] : decision.reasons.map(({ code }) => code);
}

/** The same signatures over a payload that somebody has edited. */
function edit(envelope: Envelope, from: string, to: string): Envelope {
  const text = Buffer.from(payloadBytes(envelope)).toString();
  expect(text).toContain(from);
  const edited = buildEnvelope(envelope.payloadType, Buffer.from(text.replace(from, to)), []);
  return { ...edited, signatures: envelope.signatures };
}

describe('when everything holds', () => {
  it('allows, and says who was counted under which policy', () => {
    expect(decideRelease(sound)).toEqual({
      allowed: true,
      policyDigest: digestOf(policy),
      countedApprovals: [
        {
          digest: digestOf(approval),
          person: 'rita',
          role: 'reviewer',
          scanReports: [expect.stringMatching(/^[0-9a-f]{64}$/)],
          issuedAt: new Date(daysFromNow(-1)),
          expiresAt: new Date(daysFromNow(30)),
        },
      ],
    });
  });

  it('reads documents as JSON text just as well', () => {
    const text = (envelope: Envelope) => JSON.stringify(envelope);
    expect(
      codes({
        policy: text(policy),
        approvals: [text(approval)],
        reviewerCertificates: [text(ritaCertificate)],
        revocations: [text(revoke(officer, 'ef'.repeat(32)))],
      }),
    ).toEqual(['allowed']);
  });

  it('is not disturbed by junk among the documents', () => {
    const junk = [
      '',
      '{}',
      'null',
      '[]',
      '{"payload":"e30=","payloadType":"x","signatures":[{"sig":"AA=="}]}',
    ];
    expect(
      codes({
        approvals: [...junk, approval],
        reviewerCertificates: [...junk, ritaCertificate],
        revocations: junk,
      }),
    ).toEqual(['allowed']);
  });

  it('accepts a certificate for every project of the organization', () => {
    expect(codes({ reviewerCertificates: [certify(officer, rita, { projects: ['*'] })] })).toEqual([
      'allowed',
    ]);
  });

  it('accepts a renewed certificate beside the expired one', () => {
    const expired = certify(officer, rita, { notAfter: daysFromNow(-1) });
    expect(codes({ reviewerCertificates: [expired, ritaCertificate] })).toEqual(['allowed']);
  });

  it('accepts clocks that differ by minutes', () => {
    expect(codes({ now: new Date(NOW.getTime() - 86_400_000 - 4 * 60_000) })).toEqual(['allowed']);
  });
});

describe('when there is no approval', () => {
  it('says so', () => {
    expect(codes({ approvals: [] })).toEqual(['approval_missing']);
  });

  it('says how many are missing', () => {
    const decision = decideRelease({ ...sound, approvals: [] });
    expect(decision).toMatchObject({
      reasons: [{ detail: 'Version digits@1 has 0 of 1 required reviewer approvals.' }],
    });
  });
});

describe('when somebody writes documents into the database', () => {
  it('a forged signature counts for nothing', () => {
    const forged = {
      ...approval,
      signatures: [{ keyid: rita.keyId, sig: decide(remy, policy).signatures[0]!.sig }],
    };
    expect(codes({ approvals: [forged] })).toEqual(['signature_invalid', 'quorum_not_met']);
  });

  it('an edited approval is no longer signed', () => {
    const rejection = decide(rita, policy, { decision: 'reject' });
    const edited = edit(rejection, '"decision":"reject"', '"decision":"approve"');
    expect(codes({ approvals: [edited] })).toEqual(['signature_invalid', 'quorum_not_met']);
  });

  it('an approval by a key that nobody certified counts for nothing', () => {
    expect(codes({ approvals: [decide(stranger, policy)] })).toEqual([
      'reviewer_untrusted',
      'quorum_not_met',
    ]);
  });

  it('a made-up reviewer, certified by herself, counts for nothing', () => {
    const selfMade = certify(stranger, stranger);
    expect(codes({ reviewerCertificates: [selfMade], approvals: [decide(stranger, policy)] })).toEqual([
      'reviewer_untrusted',
      'quorum_not_met',
    ]);
  });

  it('a reviewer cannot certify another one', () => {
    const byRita = certify(rita, stranger);
    expect(
      codes({ reviewerCertificates: [ritaCertificate, byRita], approvals: [decide(stranger, policy)] }),
    ).toEqual(['reviewer_untrusted', 'quorum_not_met']);
  });

  it('a genuine certificate edited to hold another key is not one', () => {
    const swapped = edit(ritaCertificate, rita.keyId, stranger.keyId);
    expect(codes({ reviewerCertificates: [swapped], approvals: [decide(stranger, policy)] })).toEqual([
      'reviewer_untrusted',
      'quorum_not_met',
    ]);
  });

  it('an officer’s certificate about one key that holds another is refused', () => {
    const mixed = certify(officer, rita, { publicKey: stranger.publicPem });
    expect(codes({ reviewerCertificates: [mixed] })).toEqual(['reviewer_untrusted', 'quorum_not_met']);
  });

  it('a reviewer cannot speak as somebody else', () => {
    const asRemy = decide(rita, policy, { person: 'remy' });
    expect(codes({ approvals: [asRemy] })).toEqual(['reviewer_untrusted', 'quorum_not_met']);
  });

  it('a weaker policy that no officer signed is not honoured', () => {
    const weaker = setPolicy(stranger, { version: 9, gates: {} });
    expect(codes({ policy: weaker })).toEqual(['policy_untrusted']);
    expect(codes({ policy: setPolicy(rita) })).toEqual(['policy_untrusted']);
  });

  it('an edited policy is not honoured', () => {
    expect(codes({ policy: edit(policy, '"approvalMaxAgeDays":90', '"approvalMaxAgeDays":900') })).toEqual([
      'policy_untrusted',
    ]);
  });

  it('an approval in the policy’s place is not a policy', () => {
    expect(codes({ policy: approval })).toEqual(['document_kind_unknown']);
  });

  it('a policy in the approval’s place is not an approval, though an officer signed it', () => {
    expect(codes({ approvals: [policy] })).toEqual(['document_kind_unknown', 'quorum_not_met']);
  });

  it('a manifest whose digest is another version’s is refused', () => {
    expect(codes({ manifest: manifestText.replace('"author":"anna"', '"author":"other"') })).toEqual([
      'manifest_mismatch',
    ]);
  });

  it('a manifest that is not one is refused even under its own digest', () => {
    for (const manifest of ['', '{', '[]', '{}']) {
      const own = createHash('sha256').update(manifest).digest('hex');
      expect(codes({ manifest, versionDigest: own })).toEqual(['document_malformed']);
    }
  });

  it('nothing it can write as text makes the rule throw or allow', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(decideRelease({ ...sound, approvals: [text] }).allowed).toBe(false);
        expect(decideRelease({ ...sound, policy: text }).allowed).toBe(false);
        expect(decideRelease({ ...sound, reviewerCertificates: [text] }).allowed).toBe(false);
        expect(decideRelease({ ...sound, manifest: text }).allowed).toBe(false);
      }),
    );
  });

  it('no single flipped bit of a payload leaves anything allowed', () => {
    const flip = (envelope: Envelope, bit: number): Envelope => {
      const bytes = Buffer.from(payloadBytes(envelope));
      bytes[(bit >> 3) % bytes.length]! ^= 1 << (bit & 7);
      return { ...buildEnvelope(IN_TOTO_PAYLOAD_TYPE, bytes, []), signatures: envelope.signatures };
    };
    fc.assert(
      fc.property(fc.nat({ max: 20_000 }), (bit) => {
        expect(decideRelease({ ...sound, approvals: [flip(approval, bit)] }).allowed).toBe(false);
        expect(decideRelease({ ...sound, policy: flip(policy, bit) }).allowed).toBe(false);
        const certificates = [flip(ritaCertificate, bit)];
        expect(decideRelease({ ...sound, reviewerCertificates: certificates }).allowed).toBe(false);
      }),
    );
  });
});

describe('when a genuine approval is replayed', () => {
  it('for another version, it does not count', () => {
    const elsewhere = decide(rita, policy, { versionDigest: 'ee'.repeat(32) });
    expect(codes({ approvals: [elsewhere] })).toEqual(['approval_for_other_digest', 'quorum_not_met']);
  });

  it('from an older policy, it does not count', () => {
    const newer = setPolicy(officer, { version: 2 });
    expect(codes({ policy: newer })).toEqual(['approval_for_other_policy', 'quorum_not_met']);
  });

  it('from another project, it does not count', () => {
    const everywhere = certify(officer, rita, { projects: ['*'] });
    const elsewhere = decide(rita, policy, { project: 'speech' });
    expect(codes({ reviewerCertificates: [everywhere], approvals: [elsewhere] })).toEqual([
      'approval_for_other_project',
      'quorum_not_met',
    ]);
  });

  it('under a policy of another project, even an officer’s policy is refused', () => {
    const other = setPolicy(officer, { project: 'speech' });
    expect(codes({ policy: other, approvals: [decide(rita, other)] })).toEqual(['policy_for_other_project']);
  });

  it('without any policy, it does not count', () => {
    expect(codes({ policy: undefined })).toEqual(['policy_missing']);
  });
});

describe('separation of duties', () => {
  it('an author may not approve her own version, certified or not', () => {
    expect(
      codes({ reviewerCertificates: [certify(officer, anna)], approvals: [decide(anna, policy)] }),
    ).toEqual(['author_may_not_review', 'quorum_not_met']);
  });

  it('an author’s approval does not spoil a reviewer’s', () => {
    const certificates = [ritaCertificate, certify(officer, anna)];
    expect(
      codes({ reviewerCertificates: certificates, approvals: [decide(anna, policy), approval] }),
    ).toEqual(['allowed']);
  });

  it('two approvals by one person count once, also with two keys and two certificates', () => {
    const two = setPolicy(officer, { quorum: [{ role: 'reviewer', count: 2 }] });
    const secondKey = new Signer('rita');
    const certificates = [ritaCertificate, certify(officer, secondKey), remyCertificate];
    const byRita = [decide(rita, two), decide(rita, two), decide(secondKey, two)];
    expect(codes({ policy: two, reviewerCertificates: certificates, approvals: byRita })).toEqual([
      'quorum_not_met',
    ]);
    const byBoth = [...byRita, decide(remy, two)];
    expect(codes({ policy: two, reviewerCertificates: certificates, approvals: byBoth })).toEqual([
      'allowed',
    ]);
  });

  it('one person with two roles fills one seat', () => {
    const both = setPolicy(officer, {
      quorum: [
        { role: 'reviewer', count: 1 },
        { role: 'security', count: 1 },
      ],
    });
    const ritaInBoth = certify(officer, rita, { roles: ['reviewer', 'security'] });
    const certificates = [ritaInBoth, remyCertificate];
    expect(
      codes({ policy: both, reviewerCertificates: certificates, approvals: [decide(rita, both)] }),
    ).toEqual(['quorum_not_met']);
    const withRemy = [decide(rita, both), decide(remy, both)];
    expect(codes({ policy: both, reviewerCertificates: certificates, approvals: withRemy })).toEqual([
      'allowed',
    ]);
  });

  it('a reviewer in another role does not count', () => {
    const security = setPolicy(officer, { quorum: [{ role: 'security', count: 1 }] });
    expect(codes({ policy: security, approvals: [decide(rita, security)] })).toEqual(['quorum_not_met']);
  });
});

describe('the scope of a reviewer', () => {
  it.each([
    ['another project', { projects: ['speech'] }],
    ['another organization', { organization: 'rival' }],
    ['every project of another organization', { organization: 'rival', projects: ['*'] }],
  ])('in %s is no scope here', (_, changes) => {
    expect(codes({ reviewerCertificates: [certify(officer, rita, changes)] })).toEqual([
      'reviewer_out_of_scope',
      'quorum_not_met',
    ]);
  });

  it('ends with her certificate, at the very moment', () => {
    const certificates = [certify(officer, rita, { notAfter: daysFromNow(0) })];
    expect(codes({ reviewerCertificates: certificates })).toEqual([
      'reviewer_certificate_expired',
      'quorum_not_met',
    ]);
    expect(codes({ reviewerCertificates: certificates, now: new Date(NOW.getTime() - 1) })).toEqual([
      'allowed',
    ]);
  });

  it('does not begin before her certificate does', () => {
    const certificates = [certify(officer, rita, { notBefore: daysFromNow(1) })];
    expect(codes({ reviewerCertificates: certificates })).toEqual([
      'reviewer_certificate_expired',
      'quorum_not_met',
    ]);
  });

  it('ends when an officer revokes her certificate', () => {
    const revocation = revoke(officer, digestOf(ritaCertificate), { target: 'reviewer-certificate' });
    expect(codes({ revocations: [revocation] })).toEqual(['reviewer_certificate_revoked', 'quorum_not_met']);
  });

  it('does not end because another reviewer says so', () => {
    const revocation = revoke(remy, digestOf(ritaCertificate), { target: 'reviewer-certificate' });
    expect(codes({ revocations: [revocation] })).toEqual(['allowed']);
  });
});

describe('the time of an approval', () => {
  it('ends at its expiry, exactly', () => {
    const end = new Date(daysFromNow(30));
    expect(codes({ now: end })).toEqual(['approval_expired', 'quorum_not_met']);
    expect(codes({ now: new Date(end.getTime() - 1) })).toEqual(['allowed']);
  });

  it('ends at the policy’s maximum age, whatever its own expiry says', () => {
    const short = setPolicy(officer, { approvalMaxAgeDays: 7 });
    const old = decide(rita, short, { issuedAt: daysFromNow(-7), expiresAt: daysFromNow(300) });
    const fresh = decide(rita, short, { issuedAt: daysFromNow(-6), expiresAt: daysFromNow(300) });
    expect(codes({ policy: short, approvals: [old] })).toEqual(['approval_expired', 'quorum_not_met']);
    expect(codes({ policy: short, approvals: [fresh] })).toEqual(['allowed']);
    expect(codes({ policy: short, approvals: [old, fresh, old] })).toEqual(['allowed']);
  });

  it('cannot be stretched by dating it into the future', () => {
    const later = decide(rita, policy, { issuedAt: daysFromNow(10), expiresAt: daysFromNow(100) });
    expect(codes({ approvals: [later] })).toEqual(['approval_not_yet_valid', 'quorum_not_met']);
  });
});

describe('the gates of a policy', () => {
  it.each([
    ['no scan at all', []],
    ['a scan with findings', [{ ...SCAN, verdict: 'findings' }]],
    ['a clean scan beside one with findings', [SCAN, { ...SCAN, verdict: 'findings' }]],
    ['a clean report of another kind', [{ ...SCAN, kind: 'evaluation' }]],
  ])('are not met by an approval that attests %s', (_, evidence) => {
    expect(codes({ approvals: [decide(rita, policy, { evidence })] })).toEqual([
      'gate_unmet',
      'quorum_not_met',
    ]);
  });

  it('that are not asked for need not be met', () => {
    const open = setPolicy(officer, { gates: {} });
    expect(codes({ policy: open, approvals: [decide(rita, open, { evidence: [] })] })).toEqual(['allowed']);
  });
});

describe('taking an approval back', () => {
  it('works for the reviewer, for another reviewer of the project, and for an officer', () => {
    for (const signer of [rita, remy, officer]) {
      expect(codes({ revocations: [revoke(signer, digestOf(approval))] })).toEqual([
        'approval_revoked',
        'quorum_not_met',
      ]);
    }
  });

  it('outlives the revoking reviewer’s own certificate', () => {
    const expired = certify(officer, remy, { notAfter: daysFromNow(-1) });
    expect(
      codes({
        reviewerCertificates: [ritaCertificate, expired],
        revocations: [revoke(remy, digestOf(approval))],
      }),
    ).toEqual(['approval_revoked', 'quorum_not_met']);
  });

  it('leaves a new approval by the same person standing', () => {
    const again = decide(rita, policy);
    expect(codes({ approvals: [approval, again], revocations: [revoke(rita, digestOf(approval))] })).toEqual([
      'allowed',
    ]);
  });

  it.each([
    ['a stranger', () => revoke(stranger, digestOf(approval))],
    ['a reviewer of another project', () => revoke(remy, digestOf(approval), { project: 'speech' })],
    ['a reviewer who signs as somebody else', () => revoke(remy, digestOf(approval), { person: 'rita' })],
    [
      'somebody who edits a revocation',
      () => edit(revoke(rita, 'ee'.repeat(32)), 'ee'.repeat(32), digestOf(approval)),
    ],
  ])('does not work for %s', (_, revocation) => {
    expect(codes({ revocations: [revocation()] })).toEqual(['allowed']);
  });
});

describe('refusing a version', () => {
  it('a reviewer’s rejection outweighs every approval', () => {
    const rejection = decide(remy, policy, { decision: 'reject' });
    expect(codes({ approvals: [approval, rejection, rejection] })).toEqual(['version_rejected']);
  });

  it('a rejection neither expires nor ends with the policy or the certificate', () => {
    const rejection = decide(remy, setPolicy(officer, { version: 7 }), {
      decision: 'reject',
      issuedAt: daysFromNow(-300),
      expiresAt: daysFromNow(-290),
    });
    const certificates = [ritaCertificate, certify(officer, remy, { notAfter: daysFromNow(-200) })];
    expect(codes({ approvals: [approval, rejection], reviewerCertificates: certificates })).toEqual([
      'version_rejected',
    ]);
  });

  it('a rejection is taken back by the same person or an officer, and by nobody else', () => {
    const rejection = decide(remy, policy, { decision: 'reject' });
    const approvals = [approval, rejection];
    expect(codes({ approvals, revocations: [revoke(remy, digestOf(rejection))] })).toEqual(['allowed']);
    expect(codes({ approvals, revocations: [revoke(officer, digestOf(rejection))] })).toEqual(['allowed']);
    expect(codes({ approvals, revocations: [revoke(rita, digestOf(rejection))] })).toEqual([
      'version_rejected',
    ]);
  });

  it('a rejection of another version does not matter here', () => {
    const rejection = decide(remy, policy, { decision: 'reject', versionDigest: 'ee'.repeat(32) });
    expect(codes({ approvals: [approval, rejection] })).toEqual(['allowed']);
  });

  it('a revoked version is served no more, for good', () => {
    for (const signer of [remy, officer]) {
      const revocation = revoke(signer, versionDigest, { target: 'version' });
      expect(codes({ revocations: [revocation] })).toEqual(['version_revoked']);
    }
  });

  it('a stranger’s revocation of the version does not matter', () => {
    expect(codes({ revocations: [revoke(stranger, versionDigest, { target: 'version' })] })).toEqual([
      'allowed',
    ]);
  });
});
