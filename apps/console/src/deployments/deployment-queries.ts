import { CreateDeployment, Deployment, DeploymentList, PredictResponse } from '@castellan/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call, send } from '../api/call.js';
import { useSession } from '../session/session-context.js';

/** Live: what the gateway last saw, looked at every two seconds. Empty for those who may not see any. */
export function useDeployments() {
  const { may } = useSession();
  return useQuery({
    queryKey: ['deployments'],
    enabled: may('read:Deployment'),
    queryFn: async () => (await call('/api/v1/deployments', DeploymentList)).deployments,
    refetchInterval: 2_000,
  });
}

export function useDeployment(name: string) {
  return useQuery({
    queryKey: ['deployments', name],
    queryFn: () => call(deploymentPath(name), Deployment),
    refetchInterval: 2_000,
  });
}

/** The names under which a version answers now. */
export function useServing(): (model: string, number: number | undefined) => string[] {
  const { data = [] } = useDeployments();
  return (model, number) =>
    data
      .filter((each) => each.model === model && each.number === number && each.phase === 'ready')
      .map(({ name }) => name);
}

export function useDeploy() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (deployment: CreateDeployment) =>
      call('/api/v1/deployments', Deployment, { method: 'POST', json: deployment }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['deployments'] }),
  });
}

export function useStop(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send(deploymentPath(name), { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['deployments'] }),
  });
}

export interface Prediction {
  readonly response: PredictResponse;
  /** From the click to the parsed answer, in this browser. */
  readonly latencyMs: number;
}

export function usePredict(name: string) {
  return useMutation({
    mutationFn: async (input: unknown): Promise<Prediction> => {
      const start = performance.now();
      const response = await call(predictPath(name), PredictResponse, { method: 'POST', json: { input } });
      return { response, latencyMs: performance.now() - start };
    },
  });
}

export function predictPath(name: string): string {
  return `${deploymentPath(name)}/predict`;
}

function deploymentPath(name: string): string {
  return `/api/v1/deployments/${encodeURIComponent(name)}`;
}
