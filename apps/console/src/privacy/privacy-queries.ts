import {
  Answer,
  type AskQuestion,
  Budget,
  DatasetList,
  DenialList,
  QueryPrice,
  type ReconcileBudget,
} from '@castellan/contracts';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/call.js';

export function useDatasets() {
  return useQuery({
    queryKey: ['datasets'],
    queryFn: async () => (await call('/api/v1/datasets', DatasetList)).datasets,
  });
}

/** The ledger moves when anybody asks, so it is looked at every few seconds. */
export function useBudget(datasetId: string) {
  return useQuery({
    queryKey: ['datasets', datasetId, 'budget'],
    queryFn: () => call(`/api/v1/datasets/${datasetId}/budget`, Budget),
    refetchInterval: 4_000,
  });
}

/** After a restore: what was spent since the backup. */
export function useReconcile(datasetId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (said: ReconcileBudget) =>
      call(`/api/v1/datasets/${datasetId}/budget/reconciliation`, Budget, { method: 'POST', json: said }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['datasets', datasetId] }),
  });
}

/** What the budget did not hold, as the audit log has it. */
export function useDenials(datasetId: string) {
  return useQuery({
    queryKey: ['datasets', datasetId, 'denials'],
    queryFn: async () => (await call(`/api/v1/datasets/${datasetId}/denials`, DenialList)).denials,
    refetchInterval: 4_000,
  });
}

/** What a question would cost; asking this costs nothing. */
export function usePrice(datasetId: string, question: AskQuestion) {
  return useQuery({
    queryKey: ['datasets', datasetId, 'price', question],
    enabled: question.sql.trim() !== '' && (question.epsilon ?? question.rho ?? '').trim() !== '',
    queryFn: ({ signal }) =>
      call(`/api/v1/datasets/${datasetId}/price`, QueryPrice, { method: 'POST', json: question, signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
    retry: false,
  });
}

export function useAsk(datasetId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (question: AskQuestion) =>
      call(`/api/v1/datasets/${datasetId}/queries`, Answer, { method: 'POST', json: question }),
    onSettled: () => client.invalidateQueries({ queryKey: ['datasets', datasetId] }),
  });
}
