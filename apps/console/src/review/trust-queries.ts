import { SubmitDocument, TrustDocument, TrustDocumentList, TrustRoot } from '@castellan/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { call } from '../api/call.js';
import { decisionsFrom } from './decisions.js';
import { predicates } from './predicates.js';
import { readAllSigned } from './signed-document.js';

/** Officers, policies, reviewer certificates and revocations, as the keybroker states them. */
export function useTrust() {
  return useQuery({
    queryKey: ['trust'],
    queryFn: () => call('/api/v1/trust', TrustRoot),
    staleTime: 10_000,
  });
}

/** The policy that has this digest: what the reviewers' signatures are counted against. */
export function usePolicy(digest: string | undefined) {
  const trust = useTrust();
  return useQuery({
    queryKey: ['policy', digest, trust.dataUpdatedAt],
    enabled: trust.data !== undefined && digest !== undefined,
    queryFn: async () => {
      const policies = await readAllSigned(trust.data?.policies ?? [], predicates.policy);
      return policies.find((policy) => policy.digest === digest) ?? null;
    },
  });
}

/** Every signed decision about a version, and whatever took one back, oldest first. */
export function useDecisions(versionDigest: string | undefined) {
  return useQuery({
    queryKey: ['decisions', versionDigest],
    enabled: versionDigest !== undefined,
    refetchInterval: 5_000,
    queryFn: async () => {
      const [approvals, revocations] = await Promise.all([
        call(`/api/v1/trust-documents?kind=approval&subject=${versionDigest}`, TrustDocumentList),
        call('/api/v1/trust-documents?kind=revocation', TrustDocumentList),
      ]);
      const envelopes = ({ documents }: TrustDocumentList) => documents.map(({ envelope }) => envelope);
      return decisionsFrom(
        versionDigest ?? '',
        await readAllSigned(envelopes(approvals), predicates.approval),
        await readAllSigned(envelopes(revocations), predicates.revocation),
      );
    },
  });
}

/** Hands a signed document in; everything that may have changed by it is asked for again. */
export function useSubmitDocument() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (document: z.infer<typeof SubmitDocument>) =>
      call('/api/v1/trust-documents', TrustDocument, { method: 'POST', json: document }),
    onSuccess: () =>
      Promise.all(
        ['decisions', 'review', 'trust', 'deployments', 'destructions'].map((key) =>
          client.invalidateQueries({ queryKey: [key] }),
        ),
      ),
  });
}
