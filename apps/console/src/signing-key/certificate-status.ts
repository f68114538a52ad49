import type { TrustRoot } from '@castellan/contracts';
import { predicates, type ReviewerCertificate } from '../review/predicates.js';
import { readAllSigned, type SignedDocument } from '../review/signed-document.js';
import { officerWhoSigned } from './officer-who-signed.js';

/** Where a signing key stands with the officers, as far as their documents show. */
export interface CertificateStatus {
  readonly standing: 'none' | 'honoured' | 'not_yet' | 'expired' | 'revoked' | 'untrusted';
  readonly certificate?: ReviewerCertificate;
  readonly officer?: string;
}

const order = ['honoured', 'not_yet', 'expired', 'revoked', 'untrusted'] as const;

/** The best of the certificates for this key and person; an honoured one if there is any. */
export async function certificateStatus(
  trust: TrustRoot,
  keyId: string,
  person: string,
  now: Date,
): Promise<CertificateStatus> {
  const certificates = await readAllSigned(trust.reviewerCertificates, predicates.reviewerCertificate);
  const revocations = await readAllSigned(trust.revocations, predicates.revocation);
  const revoked = new Set(revocations.map(({ subject }) => subject));
  const mine = certificates.filter(
    ({ subject, predicate }) => subject === keyId && predicate.person === person,
  );
  const judged = await Promise.all(
    mine.map(async (document) =>
      judge(document, await officerWhoSigned(document.envelope, trust), revoked, now),
    ),
  );
  const best = order.flatMap((standing) => judged.filter((status) => status.standing === standing))[0];
  return best ?? { standing: 'none' };
}

function judge(
  { digest, predicate: certificate }: SignedDocument<ReviewerCertificate>,
  officer: string | undefined,
  revoked: ReadonlySet<string>,
  now: Date,
): CertificateStatus {
  if (officer === undefined) return { standing: 'untrusted', certificate };
  const found = { certificate, officer };
  if (revoked.has(digest)) return { standing: 'revoked', ...found };
  if (now < new Date(certificate.notBefore)) return { standing: 'not_yet', ...found };
  return { standing: now < new Date(certificate.notAfter) ? 'honoured' : 'expired', ...found };
}
