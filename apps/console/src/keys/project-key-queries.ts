import { KeyRotation, ProjectKeys, ProjectList } from '@castellan/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/call.js';

export function useProjects() {
  return useQuery({
    queryKey: ['projects'],
    queryFn: async () => (await call('/api/v1/projects', ProjectList)).projects,
  });
}

/** Looked at twice a second while keys are being re-wrapped. */
export function useProjectKeys(project: string) {
  return useQuery({
    queryKey: ['keys', project],
    queryFn: () => call(keysOf(project), ProjectKeys),
    refetchInterval: ({ state }) => (state.data?.rotation?.state === 'running' ? 500 : 10_000),
  });
}

export function useRotate(project: string) {
  const settled = useKeysChanged(project);
  return useMutation({
    mutationFn: (fromVersion: number) =>
      call(`${keysOf(project)}/rotate`, KeyRotation, { method: 'POST', json: { fromVersion } }),
    onSettled: settled,
  });
}

/** Stops the last rotation, or takes it up again. */
export function useSteer(project: string) {
  const settled = useKeysChanged(project);
  return useMutation({
    mutationFn: (to: 'cancel' | 'resume') =>
      call(`${keysOf(project)}/rotation/${to}`, KeyRotation, { method: 'POST', json: {} }),
    onSettled: settled,
  });
}

export function useRetire(project: string) {
  const settled = useKeysChanged(project);
  return useMutation({
    mutationFn: (version: number) =>
      call(`${keysOf(project)}/${version}/retire`, ProjectKeys, { method: 'POST', json: {} }),
    onSettled: settled,
  });
}

function useKeysChanged(project: string) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['keys', project] });
}

function keysOf(project: string): string {
  return `/api/v1/projects/${encodeURIComponent(project)}/keys`;
}
