import { Alarm, AlarmList, Watching, type WatchRule, type WatchSettings } from '@castellan/contracts';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/call.js';

const alarmsPath = '/api/v1/audit/alarms';
const watchingPath = '/api/v1/audit/watching';

export interface AlarmFilter {
  readonly state?: 'open' | 'acknowledged';
  readonly rule?: WatchRule;
}

/** Live: an alarm that is raised appears by itself. */
export function useAlarms(filter: AlarmFilter) {
  return useInfiniteQuery({
    queryKey: ['alarms', filter],
    queryFn: ({ pageParam }: { pageParam: string | undefined }) => {
      const given = { ...filter, limit: '20', ...(pageParam === undefined ? {} : { before: pageParam }) };
      return call(`${alarmsPath}?${new URLSearchParams(given)}`, AlarmList);
    },
    initialPageParam: undefined,
    getNextPageParam: ({ next }) => next,
    refetchInterval: 5_000,
  });
}

export function useOpenAlarms() {
  return useQuery({
    queryKey: ['alarms', 'open'],
    queryFn: async () => (await call(`${alarmsPath}?state=open&limit=1`, AlarmList)).open,
    refetchInterval: 10_000,
  });
}

export function useAcknowledge(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      call(`${alarmsPath}/${encodeURIComponent(id)}/acknowledge`, Alarm, {
        method: 'POST',
        json: { reason },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['alarms'] }),
  });
}

export function useWatching() {
  return useQuery({ queryKey: ['watching'], queryFn: () => call(watchingPath, Watching) });
}

export function useChangeWatching() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (settings: WatchSettings) => call(watchingPath, Watching, { method: 'PUT', json: settings }),
    onSuccess: (watching) => client.setQueryData(['watching'], watching),
  });
}
