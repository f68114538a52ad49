import { Review, Version } from '@castellan/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { call, send } from '../api/call.js';
import { saveFile } from '../api/save-file.js';

/** `ref` is `model@number`. Looked at every second while the scan is on its way. */
export function useVersion(ref: string) {
  return useQuery({
    queryKey: ['versions', ref],
    queryFn: () => call(`/api/v1/versions/${encodeURIComponent(ref)}`, Version),
    refetchInterval: ({ state }) =>
      state.data?.stage === 'quarantined' || state.data?.stage === 'uploading' ? 1_000 : false,
  });
}

/** What a reviewer signs over, and where approval stands now. There is none before the files are fixed. */
export function useReview(version: Version) {
  return useQuery({
    queryKey: ['review', version.id, version.stage],
    enabled: version.digest !== undefined,
    queryFn: () => call(`/api/v1/versions/${version.id}/review`, Review),
    refetchInterval: 5_000,
  });
}

export function useEvidence({ id, model, number }: Version) {
  return useMutation({
    mutationFn: async () => {
      const answer = await send(`/api/v1/versions/${id}/evidence`);
      saveFile(`${model}-${number}.evidence.tar`, await answer.blob());
    },
  });
}
