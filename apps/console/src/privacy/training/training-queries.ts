import {
  type Dataset,
  Training,
  TrainingList,
  TrainingPrice,
  type TrainingRequest,
} from '@castellan/contracts';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/call.js';

const pathOf = (datasetId: string) => `/api/v1/datasets/${datasetId}/trainings`;

/** Jobs move on by themselves, so the list is looked at every few seconds. */
export function useTrainings(datasetId: string) {
  return useQuery({
    queryKey: ['datasets', datasetId, 'trainings'],
    queryFn: async () => (await call(pathOf(datasetId), TrainingList)).trainings,
    refetchInterval: 2_000,
  });
}

export function useTrainingPrice(datasetId: string, request: TrainingRequest) {
  return useQuery({
    queryKey: ['datasets', datasetId, 'training-price', request],
    enabled: request.epsilon.trim() !== '' && request.delta.trim() !== '',
    queryFn: ({ signal }) =>
      call(`${pathOf(datasetId)}/price`, TrainingPrice, { method: 'POST', json: request, signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
    retry: false,
  });
}

export function useTrain({ id }: Dataset) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: TrainingRequest) => call(pathOf(id), Training, { method: 'POST', json: request }),
    onSettled: () => client.invalidateQueries({ queryKey: ['datasets', id] }),
  });
}

export function useCancelTraining(datasetId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      call(`${pathOf(datasetId)}/${id}/cancel`, Training, { method: 'POST', json: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: ['datasets', datasetId] }),
  });
}
