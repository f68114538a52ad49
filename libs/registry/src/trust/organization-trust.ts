import {
  readPolicy,
  readReviewerCertificate,
  readRevocation,
  readTrustDocument,
} from '@castellan/approval-policy';
import type { TrustRoot } from '@castellan/contracts';

/** The root of trust without other organisations' documents. Officers, CA and log key are the platform's and public. */
export function organizationTrust(trust: TrustRoot, organization: string): TrustRoot {
  return {
    ...trust,
    policies: trust.policies.filter(
      (each) => readPolicy(readTrustDocument(each)).organization === organization,
    ),
    reviewerCertificates: trust.reviewerCertificates.filter(
      (each) => readReviewerCertificate(readTrustDocument(each)).organization === organization,
    ),
    revocations: trust.revocations.filter(
      (each) => readRevocation(readTrustDocument(each)).organization === organization,
    ),
  };
}
