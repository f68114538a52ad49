import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTrust } from '../review/trust-queries.js';
import { useSession } from '../session/session-context.js';
import { certificateStatus } from './certificate-status.js';
import { forgetKey, keepKey, loadKey } from './key-store.js';
import { makeSigningKey, publicKeyPem, type SigningKey } from './signing-key.js';

/** The key that this person keeps in this browser; null when there is none. */
export function useSigningKey() {
  const { me } = useSession();
  return useQuery({ queryKey: ['signing-key', me.id], queryFn: () => loadKey(me.id), staleTime: Infinity });
}

export function useMakeKey() {
  const { me } = useSession();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const key = await makeSigningKey(new Date());
      await keepKey(me.id, key);
      return key;
    },
    onSuccess: (key) => client.setQueryData(['signing-key', me.id], key),
  });
}

export function useForgetKey() {
  const { me } = useSession();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => forgetKey(me.id),
    onSuccess: () => client.setQueryData(['signing-key', me.id], null),
  });
}

export function usePublicKeyPem(key: SigningKey) {
  return useQuery({
    queryKey: ['public-key', key.keyId],
    queryFn: () => publicKeyPem(key),
    staleTime: Infinity,
  });
}

/** Whether an officer's certificate stands behind the key. */
export function useCertificateStatus(keyId: string | undefined) {
  const { me } = useSession();
  const trust = useTrust();
  return useQuery({
    queryKey: ['certificate', keyId, trust.dataUpdatedAt],
    enabled: keyId !== undefined && trust.data !== undefined,
    queryFn: () =>
      trust.data === undefined
        ? Promise.reject(new Error('no trust'))
        : certificateStatus(trust.data, keyId ?? '', me.name, new Date()),
  });
}
