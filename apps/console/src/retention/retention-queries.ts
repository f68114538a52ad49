import {
  ExpiryPreview,
  ExpiryRun,
  ExpiryRunList,
  LegalHold,
  LegalHoldList,
  Retention,
  type CreateLegalHold,
  type RetentionDays,
} from '@castellan/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/call.js';

const path = '/api/v1/audit/retention';
const holdsPath = '/api/v1/audit/holds';

export function useRetention() {
  return useQuery({ queryKey: ['retention'], queryFn: () => call(path, Retention) });
}

export function useSetRetention() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (days: RetentionDays) => call(path, Retention, { method: 'PUT', json: { days } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['retention'] }),
  });
}

/** What would expire now with these days. */
export function usePreview(days: RetentionDays) {
  return useQuery({
    queryKey: ['retention', 'preview', days],
    queryFn: ({ signal }) =>
      call(`${path}/preview`, ExpiryPreview, { method: 'POST', json: { days }, signal }),
  });
}

/** Live, since a run may be at work. */
export function useRuns() {
  return useQuery({
    queryKey: ['retention', 'runs'],
    queryFn: async () => (await call(`${path}/runs`, ExpiryRunList)).runs,
    refetchInterval: 1_000,
  });
}

export function useRunExpiry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call(`${path}/runs`, ExpiryRun, { method: 'POST', json: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['retention'] }),
  });
}

export function useHolds() {
  return useQuery({
    queryKey: ['holds'],
    queryFn: async () => (await call(holdsPath, LegalHoldList)).holds,
  });
}

export function useSetHold() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (hold: CreateLegalHold) => call(holdsPath, LegalHold, { method: 'POST', json: hold }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['holds'] });
      await client.invalidateQueries({ queryKey: ['retention', 'preview'] });
    },
  });
}

export function useLiftHold() {
  const client = useQueryClient();
  return useMutation({
    /** With a reason: asks that it be lifted. Without: lifts what somebody else asked to lift. */
    mutationFn: ({ id, reason }: { readonly id: string; readonly reason?: string }) =>
      call(`${holdsPath}/${id}/${reason === undefined ? 'lift' : 'ask-lift'}`, LegalHold, {
        method: 'POST',
        json: reason === undefined ? {} : { reason },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['holds'] });
      await client.invalidateQueries({ queryKey: ['retention', 'preview'] });
    },
  });
}
