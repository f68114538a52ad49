import {
  AuditExport,
  AuditExportList,
  ForwardingDeliveryList,
  ForwardingTarget,
  ForwardingTargetCreated,
  ForwardingTargetList,
  Trace,
  type CreateForwardingTarget,
  type RequestAuditExport,
} from '@castellan/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call, send } from '../api/call.js';

const exportsPath = '/api/v1/audit/exports';
const targetsPath = '/api/v1/audit/targets';

/** Live while one of them is under way. */
export function useExports() {
  return useQuery({
    queryKey: ['exports'],
    queryFn: async () => (await call(exportsPath, AuditExportList)).exports,
    refetchInterval: 1_000,
  });
}

export function useRequestExport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: RequestAuditExport) =>
      call(exportsPath, AuditExport, { method: 'POST', json: request }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['exports'] }),
  });
}

export function useCancelExport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      call(`${exportsPath}/${id}/cancel`, AuditExport, { method: 'POST', json: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['exports'] }),
  });
}

export function exportContentPath(id: string): string {
  return `${exportsPath}/${id}/content`;
}

export function useTargets() {
  return useQuery({
    queryKey: ['targets'],
    queryFn: async () => (await call(targetsPath, ForwardingTargetList)).targets,
    refetchInterval: 2_000,
  });
}

export function useDeliveries(id: string) {
  return useQuery({
    queryKey: ['targets', id],
    queryFn: async () => (await call(`${targetsPath}/${id}/deliveries`, ForwardingDeliveryList)).deliveries,
    refetchInterval: 2_000,
  });
}

export function useCreateTarget() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: CreateForwardingTarget) =>
      call(targetsPath, ForwardingTargetCreated, { method: 'POST', json: request }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['targets'] }),
  });
}

export function useChangeTarget() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({
      id,
      change,
    }: {
      id: string;
      change: 'pause' | 'resume' | 'remove';
    }): Promise<void> => {
      if (change === 'remove') await send(`${targetsPath}/${id}`, { method: 'DELETE' });
      else await call(`${targetsPath}/${id}/${change}`, ForwardingTarget, { method: 'POST', json: {} });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['targets'] }),
  });
}

export function useTrace(kind: string, ref: string) {
  return useQuery({
    queryKey: ['trace', kind, ref],
    queryFn: () => call(`/api/v1/trace/${encodeURIComponent(kind)}/${encodeURIComponent(ref)}`, Trace),
  });
}
