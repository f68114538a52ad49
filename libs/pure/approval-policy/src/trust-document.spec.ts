import { describe, expect, it } from '@jest/globals';
import { canonicalize, type JsonValue } from '@castellan/canonical-json';
import { buildEnvelope, payloadBytes, type Envelope } from '@castellan/dsse';
import { readApproval } from './approval.js';
import { readPolicy } from './policy.js';
import { readReviewerCertificate } from './reviewer-certificate.js';
import { readRevocation } from './revocation.js';
import { certify, daysFromNow, decide, NOW, revoke, setPolicy, Signer } from './testing.js';
import { readTrustDocument } from './trust-document.js';
import { Trust } from './trust.js';
import { verifyDocument } from './verify-document.js';

const officer = new Signer('olga');
const rita = new Signer('rita');
const policy = setPolicy(officer);
const malformed = expect.objectContaining({ code: 'document_malformed' });

/** The document signed anew after a change of its predicate: what a careless officer or reviewer might sign. */
function signedWith(
  signer: Signer,
  envelope: Envelope,
  change: (predicate: Record<string, JsonValue>) => void,
) {
  const statement = JSON.parse(Buffer.from(payloadBytes(envelope)).toString());
  change(statement.predicate);
  return readTrustDocument(signer.sign(Buffer.from(canonicalize(statement))));
}

const text = (payload: string) =>
  buildEnvelope('application/vnd.in-toto+json', Buffer.from(payload), [
    { keyid: '', signature: Uint8Array.of(1) },
  ]);

describe('a trust document', () => {
  it('is refused when its payload is not canonical JSON', () => {
    const canonical = Buffer.from(payloadBytes(policy)).toString();
    for (const payload of [` ${canonical}`, canonical.replace('{', '{"predicateType":"x",')]) {
      expect(() => readTrustDocument(text(payload))).toThrow(malformed);
    }
  });

  it('is refused when it is about nothing, about two things, or about no SHA-256', () => {
    const statement = JSON.parse(Buffer.from(payloadBytes(policy)).toString());
    const [subject] = statement.subject;
    for (const subjects of [[], [subject, subject], [{ name: 'x', digest: { sha512: 'ab' } }]]) {
      expect(() => readTrustDocument(text(canonicalize({ ...statement, subject: subjects })))).toThrow(
        malformed,
      );
    }
  });

  it('is refused when its payload type is another', () => {
    expect(() => readTrustDocument({ ...policy, payloadType: 'application/json' })).toThrow(malformed);
  });
});

describe('a policy', () => {
  it.each<[string, (predicate: Record<string, JsonValue>) => void]>([
    ['an unknown gate', (p) => (p['gates'] = { scan: 'clean', evaluation: 'passed' })],
    ['a gate that asks for less than clean', (p) => (p['gates'] = { scan: 'findings' })],
    ['no gates member', (p) => delete p['gates']],
    ['an unknown member', (p) => (p['except'] = 'fridays')],
    ['a quorum of nobody', (p) => (p['quorum'] = [])],
    ['a count of zero', (p) => (p['quorum'] = [{ role: 'reviewer', count: 0 }])],
    ['a count of a half', (p) => (p['quorum'] = [{ role: 'reviewer', count: 0.5 }])],
    [
      'a role named twice',
      (p) =>
        (p['quorum'] = [
          { role: 'a', count: 1 },
          { role: 'a', count: 1 },
        ]),
    ],
    ['authors who review', (p) => (p['authorMayReview'] = true)],
    ['a version that is text', (p) => (p['version'] = '2')],
    ['another project than its subject', (p) => (p['project'] = 'speech')],
    ['a name with a slash', (p) => (p['organization'] = 'acme/x')],
  ])('with %s is refused, though an officer signed it', (_, change) => {
    expect(() => readPolicy(signedWith(officer, policy, change))).toThrow(malformed);
  });
});

describe('a reviewer certificate', () => {
  it.each<[string, (predicate: Record<string, JsonValue>) => void]>([
    ['no project', (p) => (p['projects'] = [])],
    ['a project pattern', (p) => (p['projects'] = ['vis*'])],
    ['no role', (p) => (p['roles'] = [])],
    ['every role', (p) => (p['roles'] = ['*'])],
    ['a key that is not one', (p) => (p['publicKey'] = 'ssh-rsa AAAA')],
    ['a local time', (p) => (p['notAfter'] = '2027-01-01T00:00:00+02:00')],
    ['a day that does not exist', (p) => (p['notAfter'] = '2027-13-01T00:00:00Z')],
  ])('with %s is refused', (_, change) => {
    expect(() => readReviewerCertificate(signedWith(officer, certify(officer, rita), change))).toThrow(
      malformed,
    );
  });
});

describe('an approval and a revocation', () => {
  it.each<[string, (predicate: Record<string, JsonValue>) => void]>([
    ['another decision', (p) => (p['decision'] = 'maybe')],
    ['no evidence list', (p) => delete p['evidence']],
    ['a nonce that is no UUID', (p) => (p['nonce'] = '1')],
    ['an unknown member', (p) => (p['onlyIf'] = 'x')],
    [
      'evidence with an unknown member',
      (p) => (p['evidence'] = [{ kind: 'a', sha256: 'ab'.repeat(32), verdict: 'b', x: 1 }]),
    ],
  ])('an approval with %s is refused', (_, change) => {
    expect(() => readApproval(signedWith(rita, decide(rita, policy), change))).toThrow(malformed);
  });

  it('a revocation of something else is refused', () => {
    const revocation = signedWith(rita, revoke(rita, 'ab'.repeat(32)), (p) => (p['target'] = 'policy'));
    expect(() => readRevocation(revocation)).toThrow(malformed);
  });
});

describe('checking a document at the border', () => {
  const certificate = certify(officer, rita);
  const trust = new Trust({
    officers: [officer.publicKey],
    reviewerCertificates: [certificate],
    revocations: [],
  });
  const code = (envelope: Envelope, within = trust) => {
    try {
      return verifyDocument(envelope, within, NOW).kind;
    } catch (fault) {
      return (fault as { code: string }).code;
    }
  };

  it('tells the four kinds apart', () => {
    expect(code(certificate)).toBe('reviewer-certificate');
    expect(code(policy)).toBe('policy');
    expect(code(decide(rita, policy))).toBe('approval');
    expect(code(revoke(rita, 'ab'.repeat(32)))).toBe('revocation');
  });

  it('tells a stranger from a broken officer’s signature', () => {
    expect(code(setPolicy(rita))).toBe('signer_not_officer');
    expect(code({ ...policy, signatures: setPolicy(officer, { version: 2 }).signatures })).toBe(
      'signature_invalid',
    );
  });

  it('takes nothing from a reviewer whose certificate has ended, not even a revocation', () => {
    const ended = new Trust({
      officers: [officer.publicKey],
      reviewerCertificates: [certify(officer, rita, { notAfter: daysFromNow(-1) })],
      revocations: [],
    });
    expect(code(decide(rita, policy), ended)).toBe('reviewer_certificate_expired');
    expect(code(revoke(rita, 'ab'.repeat(32)), ended)).toBe('reviewer_certificate_expired');
  });

  it('refuses statements of other types', () => {
    const statement = JSON.parse(Buffer.from(payloadBytes(policy)).toString());
    const other = officer.sign(
      Buffer.from(canonicalize({ ...statement, predicateType: 'https://example.com/x' })),
    );
    expect(code(other)).toBe('document_kind_unknown');
  });
});
