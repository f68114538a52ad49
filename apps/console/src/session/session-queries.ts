import { Me } from '@castellan/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call, send } from '../api/call.js';
import { meKey } from '../api/query-client.js';
import { Refusal } from '../api/refusal.js';

/** Who is signed in; null: nobody. */
export function useMe() {
  return useQuery({ queryKey: meKey, queryFn: ({ signal }) => whoAmI(signal), staleTime: 60_000 });
}

async function whoAmI(signal: AbortSignal): Promise<Me | null> {
  try {
    return await call('/api/v1/me', Me, { signal });
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) return null;
    throw error;
  }
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => call('/api/v1/session', Me, { method: 'POST', json: { token } }),
    // An older "nobody" that is still on its way must not arrive after this answer.
    onMutate: () => client.cancelQueries({ queryKey: meKey }),
    onSuccess: (me) => client.setQueryData(meKey, me),
    onError: () => client.invalidateQueries({ queryKey: meKey }),
  });
}

/** Ends the session and forgets everything that was shown under it. */
export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => send('/api/v1/session', { method: 'DELETE' }),
    onSettled: () => {
      client.setQueryData(meKey, null);
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== meKey[0] });
    },
  });
}
