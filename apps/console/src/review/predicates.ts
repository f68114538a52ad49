import { APPROVAL_TYPE, DESTRUCTION_ORDER_TYPE, REVOCATION_TYPE } from '@castellan/approval-policy/web';
import { z } from 'zod';

/** The documents that pages show, as far as they show them. What counts is decided by the keybroker, not here. */
export const predicates = {
  approval: {
    type: APPROVAL_TYPE,
    contract: z.object({
      decision: z.enum(['approve', 'reject']),
      person: z.string(),
      policyDigest: z.string(),
      reason: z.string(),
      issuedAt: z.string(),
      expiresAt: z.string(),
    }),
  },
  revocation: {
    type: REVOCATION_TYPE,
    contract: z.object({
      target: z.enum(['approval', 'reviewer-certificate', 'version']),
      person: z.string(),
      reason: z.string(),
      issuedAt: z.string(),
    }),
  },
  destructionOrder: {
    type: DESTRUCTION_ORDER_TYPE,
    contract: z.object({ project: z.string(), person: z.string() }),
  },
  policy: {
    type: 'https://castellan.dev/policy/v1',
    contract: z.object({
      organization: z.string(),
      project: z.string(),
      version: z.number(),
      quorum: z.array(z.object({ role: z.string(), count: z.number() })),
      gates: z.object({ scan: z.string().optional() }),
      approvalMaxAgeDays: z.number(),
    }),
  },
  reviewerCertificate: {
    type: 'https://castellan.dev/reviewer-certificate/v1',
    contract: z.object({
      organization: z.string(),
      projects: z.array(z.string()),
      roles: z.array(z.string()),
      person: z.string(),
      notBefore: z.string(),
      notAfter: z.string(),
    }),
  },
} as const;

export type Approval = z.infer<typeof predicates.approval.contract>;
export type Revocation = z.infer<typeof predicates.revocation.contract>;
export type Policy = z.infer<typeof predicates.policy.contract>;
export type ReviewerCertificate = z.infer<typeof predicates.reviewerCertificate.contract>;
