import {
  Synthesis,
  SynthesisFigures,
  SynthesisList,
  SynthesisPrice,
  type SynthesisRequest,
} from '@castellan/contracts';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call, send } from '../../api/call.js';
import { saveFile } from '../../api/save-file.js';

const pathOf = (datasetId: string) => `/api/v1/datasets/${datasetId}/syntheses`;

/** Jobs move on by themselves, so the list is looked at every few seconds. */
export function useSyntheses(datasetId: string) {
  return useQuery({
    queryKey: ['datasets', datasetId, 'syntheses'],
    queryFn: async () => (await call(pathOf(datasetId), SynthesisList)).syntheses,
    refetchInterval: 2_000,
  });
}

export function useSynthesisPrice(datasetId: string, request: SynthesisRequest) {
  return useQuery({
    queryKey: ['datasets', datasetId, 'synthesis-price', request],
    enabled: request.epsilon.trim() !== '' && request.columns?.length !== 0,
    queryFn: ({ signal }) =>
      call(`${pathOf(datasetId)}/price`, SynthesisPrice, { method: 'POST', json: request, signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
    retry: false,
  });
}

export function useSynthesize(datasetId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: SynthesisRequest) =>
      call(pathOf(datasetId), Synthesis, { method: 'POST', json: request }),
    onSettled: () => client.invalidateQueries({ queryKey: ['datasets', datasetId] }),
  });
}

export function useSynthesisFigures(datasetId: string, id: string) {
  return useQuery({
    queryKey: ['datasets', datasetId, 'syntheses', id, 'figures'],
    queryFn: () => call(`${pathOf(datasetId)}/${id}/figures`, SynthesisFigures),
    staleTime: Infinity,
  });
}

export function useDownload(datasetId: string, name: string) {
  return useMutation({
    mutationFn: async (id: string) =>
      saveFile(`${name}-synthetic.csv`, await (await send(`${pathOf(datasetId)}/${id}/table`)).blob()),
  });
}
