import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { Refusal } from './refusal.js';

/** Under this key stands who is signed in; null: nobody. */
export const meKey = ['me'] as const;

/** A session that ended anywhere ends everywhere: the next 401 shows the sign-in page. */
function endSession(error: Error): void {
  if (error instanceof Refusal && error.status === 401) queryClient.setQueryData(meKey, null);
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: endSession }),
  mutationCache: new MutationCache({ onError: endSession }),
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (failures, error) =>
        error instanceof Refusal && (error.status === 0 || error.status >= 500) && failures < 2,
    },
  },
});
