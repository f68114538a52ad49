import { AuditPage, InclusionProof } from '@castellan/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { call } from '../api/call.js';

/** What the list is narrowed to; every member stands in the page's address. */
export const filterNames = ['action', 'actor', 'resource', 'decision', 'from', 'to', 'text'] as const;
export type AuditFilter = Readonly<Partial<Record<(typeof filterNames)[number], string>>>;

const PAGE_SIZE = 50;

/** Newest first, page by page towards the beginning. While `live`, looked at every two seconds. */
export function useAuditEvents(filter: AuditFilter, live: boolean) {
  return useInfiniteQuery({
    queryKey: ['audit', filter],
    initialPageParam: undefined,
    queryFn: ({ pageParam }: { pageParam: string | undefined }) =>
      call(`/api/v1/audit/events?${searchText(filter, pageParam)}`, AuditPage),
    getNextPageParam: ({ next }) => next,
    refetchInterval: live ? 2_000 : false,
  });
}

export function useProof(eventId: string) {
  return useQuery({
    queryKey: ['proof', eventId],
    queryFn: () => call(`/api/v1/audit/events/${encodeURIComponent(eventId)}/proof`, InclusionProof),
    staleTime: Infinity,
  });
}

function searchText(filter: AuditFilter, before: string | undefined): string {
  const params = new URLSearchParams({ ...filter, limit: String(PAGE_SIZE) });
  if (before !== undefined) params.set('before', before);
  return params.toString();
}
