import {
  ExportedKeys,
  ImportedKeys,
  KeyExportList,
  KeyRecipient,
  type KeyExport,
} from '@castellan/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/call.js';
import { Refusal } from '../api/refusal.js';
import { saveFile } from '../api/save-file.js';
import { sha256Hex } from '../review/sha256.js';

/** Which projects' keys are ordered to be sealed to which certificate. */
export function useKeyExports() {
  return useQuery({
    queryKey: ['key-exports'],
    queryFn: async () => (await call('/api/v1/key-exports', KeyExportList)).exports,
    refetchInterval: 5_000,
  });
}

/** The digest that people compare over another channel. Null for a text that is no PEM. */
export function useCertificateDigest(pem: string) {
  return useQuery({
    queryKey: ['certificate-digest', pem],
    enabled: pem.trim() !== '',
    queryFn: () => certificateDigest(pem),
    staleTime: Infinity,
  });
}

async function certificateDigest(pem: string): Promise<string | null> {
  const [, body] = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem) ?? [];
  if (body === undefined) return null;
  try {
    return await sha256Hex(Uint8Array.from(atob(body.replaceAll(/\s/g, '')), (each) => each.charCodeAt(0)));
  } catch {
    return null;
  }
}

/** SHA-256 of `<organization>/<project>`: what an order is about. */
export function useProjectDigest(organization: string, project: string) {
  return useQuery({
    queryKey: ['project-digest', organization, project],
    queryFn: () => sha256Hex(new TextEncoder().encode(`${organization}/${project}`)),
    staleTime: Infinity,
  });
}

/** Saves the package, as the command line reads it; answers with this platform's digest. */
export function useSavePackage() {
  return useMutation({
    mutationFn: async ({ project, recipient }: KeyExport) => {
      const json = { project, recipient };
      const exported = await call('/api/v1/key-exports', ExportedKeys, { method: 'POST', json });
      saveFile(`keys-of-${project}.json`, new Blob([`${JSON.stringify(exported, null, 2)}\n`]));
      return exported.sender;
    },
  });
}

/** Makes a certificate and saves it; answers with its digest. */
export function useMakeRecipient() {
  return useMutation({
    mutationFn: async () => {
      const made = await call('/api/v1/key-recipients', KeyRecipient, { method: 'POST', json: {} });
      saveFile('castellan-keys.pem', new Blob([made.certificate]));
      return made;
    },
  });
}

export function useImportKeys() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ file, sender }: { readonly file: File; readonly sender: string }) => {
      const { package: envelope } = readPackage(await file.text(), file.name);
      const json = { package: envelope, sender };
      return call('/api/v1/key-imports', ImportedKeys, { method: 'POST', json });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['projects'] }),
  });
}

function readPackage(text: string, name: string): ExportedKeys {
  try {
    return ExportedKeys.parse(JSON.parse(text));
  } catch {
    throw new Refusal(0, 'root_package_malformed', `${name} is no package of a project’s keys.`);
  }
}
