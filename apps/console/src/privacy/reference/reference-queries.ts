import { type CreateDataset, Dataset, type SourceLogin } from '@castellan/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/call.js';

const putLogin = (datasetId: string, login: SourceLogin) =>
  call(`/api/v1/datasets/${datasetId}/content`, Dataset, { method: 'PUT', text: JSON.stringify(login) });

/** Declares a table that stays where it is, and seals the login for it. Where that is refused, the dataset's page takes another. */
export function useDeclareReference() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ dataset, login }: { dataset: CreateDataset; login: SourceLogin }) => {
      const declared = await call('/api/v1/datasets', Dataset, { method: 'POST', json: dataset });
      return putLogin(declared.id, login);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['datasets'] }),
  });
}

export function useReplaceLogin(datasetId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (login: SourceLogin) => putLogin(datasetId, login),
    onSuccess: () => client.invalidateQueries({ queryKey: ['datasets'] }),
  });
}

export function useRenewData(datasetId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      call(`/api/v1/datasets/${datasetId}/data-versions`, Dataset, { method: 'POST', json: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['datasets'] }),
  });
}
