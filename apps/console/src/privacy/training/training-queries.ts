import {
  type CreateModel,
  type Dataset,
  Model,
  Training,
  TrainingList,
  TrainingPrice,
  type TrainingRequest,
} from '@castellan/contracts';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { call } from '../../api/call.js';
import { Refusal } from '../../api/refusal.js';

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

export function useTrain({ id, project }: Dataset) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (request: TrainingRequest) => {
      await ensureModel({ project, name: request.model });
      return call(pathOf(id), Training, { method: 'POST', json: request });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['datasets', id] }),
  });
}

/** A model that is there already is what the training is for. */
async function ensureModel(model: z.input<typeof CreateModel>): Promise<void> {
  try {
    await call('/api/v1/models', Model, { method: 'POST', json: model });
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 409) throw error;
  }
}

export function useCancelTraining(datasetId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      call(`${pathOf(datasetId)}/${id}/cancel`, Training, { method: 'POST', json: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: ['datasets', datasetId] }),
  });
}
