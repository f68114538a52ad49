import {
  ClassificationEvidence,
  Dataset,
  DatasetTask,
  DatasetTaskList,
  OutlierReport,
  ReidentifiedValues,
  ResultKey,
  type ConfirmClassification,
  type DataRequestBody,
} from '@castellan/contracts';
import { openReleased, webRecipient } from '@castellan/vault/web';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call, send } from '../api/call.js';
import { saveFile } from '../api/save-file.js';

const tasksOf = (datasetId: string) => ['datasets', datasetId, 'tasks'];
const isOpen = ({ state }: DatasetTask) => state === 'queued' || state === 'running';

/** Work on a dataset, newest first; looked at often while some of it is under way. */
export function useTasks(datasetId: string, enabled: boolean) {
  return useQuery({
    queryKey: tasksOf(datasetId),
    queryFn: async () => (await call(`/api/v1/datasets/${datasetId}/tasks`, DatasetTaskList)).tasks,
    enabled,
    refetchInterval: ({ state }) => (state.data?.some(isOpen) === true ? 1_000 : 5_000),
  });
}

export function useRequestTask(datasetId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: DataRequestBody) =>
      call(`/api/v1/datasets/${datasetId}/tasks`, DatasetTask, { method: 'POST', json: { request } }),
    onSettled: () => client.invalidateQueries({ queryKey: tasksOf(datasetId) }),
  });
}

export function useCancelTask(datasetId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (taskId: string) =>
      call(`/api/v1/datasets/${datasetId}/tasks/${taskId}/cancel`, DatasetTask, { method: 'POST', json: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: tasksOf(datasetId) }),
  });
}

/** Begins work that has been signed. */
export function useStartTask(datasetId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (taskId: string) =>
      call(`/api/v1/datasets/${datasetId}/tasks/${taskId}/start`, DatasetTask, { method: 'POST', json: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: ['datasets', datasetId] }),
  });
}

/** Opens a masked copy in this browser and hands it to the person as a file. */
export function useSaveResult({ id, name }: Dataset) {
  return useMutation({
    gcTime: 0,
    mutationFn: async (taskId: string) =>
      saveFile(`${name}-masked.csv`, new Blob([await openResult(id, taskId)], { type: 'text/csv' })),
  });
}

export function useConfirmClassification(datasetId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (word: ConfirmClassification) =>
      call(`/api/v1/datasets/${datasetId}/classification`, Dataset, { method: 'PUT', json: word }),
    onSettled: () => client.invalidateQueries({ queryKey: ['datasets'] }),
  });
}

/** What masked values were, once they are asked for; forgotten with the page. */
export function useRevealedValues(datasetId: string) {
  return useMutation({
    gcTime: 0,
    mutationFn: async (taskId: string) =>
      ReidentifiedValues.parse(JSON.parse(new TextDecoder().decode(await openResult(datasetId, taskId)))),
  });
}

/** Which records are unlike all others, once it is asked for; forgotten with the page. */
export function useOutliers(datasetId: string) {
  return useMutation({
    gcTime: 0,
    mutationFn: async (taskId: string) =>
      OutlierReport.parse(JSON.parse(new TextDecoder().decode(await openResult(datasetId, taskId)))),
  });
}

/** A task's result, opened in this browser: the server passes it on sealed and can't read it. */
export async function openResult(datasetId: string, taskId: string): Promise<Uint8Array<ArrayBuffer>> {
  const recipient = await webRecipient();
  const publicKey = btoa(String.fromCharCode(...recipient.publicKey));
  const path = `/api/v1/datasets/${datasetId}/tasks/${taskId}`;
  const key = await call(`${path}/key`, ResultKey, { method: 'POST', json: { publicKey } });
  const sealed = await (await send(`${path}/result`)).arrayBuffer();
  return openReleased(recipient, key, new Uint8Array(sealed));
}

/** The masked samples of a classification, once they are asked for; forgotten with the page. */
export function useEvidence(datasetId: string) {
  return useMutation({
    gcTime: 0,
    mutationFn: async (taskId: string) =>
      ClassificationEvidence.parse(JSON.parse(new TextDecoder().decode(await openResult(datasetId, taskId)))),
  });
}
