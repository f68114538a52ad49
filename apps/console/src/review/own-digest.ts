import type { Review } from '@castellan/contracts';
import { useQuery } from '@tanstack/react-query';
import { sha256Hex } from './sha256.js';

/** The version digest that the manifest itself gives: what is signed must not rest on the server's word. */
export function useOwnDigest({ manifest, version }: Review) {
  return useQuery({
    queryKey: ['own-digest', version.id, manifest],
    staleTime: Infinity,
    queryFn: async () => {
      const digest = await sha256Hex(new TextEncoder().encode(manifest));
      return { digest, matches: digest === version.digest };
    },
  });
}
