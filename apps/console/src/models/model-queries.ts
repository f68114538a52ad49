import { CreateModel, Model, ModelList, ProjectList, VersionList } from '@castellan/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { call } from '../api/call.js';

export function useModels() {
  return useQuery({
    queryKey: ['models'],
    queryFn: async () => (await call('/api/v1/models', ModelList)).models,
  });
}

export function useModel(name: string) {
  return useQuery({ queryKey: ['models', name], queryFn: () => call(modelPath(name), Model) });
}

/** Newest first. Looked at again every second while one of them is being scanned. */
export function useVersions(model: string | undefined) {
  return useQuery({
    queryKey: ['models', model, 'versions'],
    enabled: model !== undefined,
    queryFn: async () => {
      const { versions } = await call(`${modelPath(model ?? '')}/versions`, VersionList);
      return versions.toSorted((left, right) => right.number - left.number);
    },
    refetchInterval: ({ state }) =>
      state.data?.some(({ stage }) => stage === 'quarantined') ? 1_000 : false,
  });
}

export function useProjects() {
  return useQuery({
    queryKey: ['projects'],
    queryFn: async () => (await call('/api/v1/projects', ProjectList)).projects,
  });
}

export function useCreateModel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (model: z.input<typeof CreateModel>) =>
      call('/api/v1/models', Model, { method: 'POST', json: model }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['models'] }),
  });
}

function modelPath(name: string): string {
  return `/api/v1/models/${encodeURIComponent(name)}`;
}
