import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../usage-error.js';

/** Who this machine's user is, and where: written by `login`, mode 0600, since the token is a secret. */
export const Profile = z.object({
  url: z.url(),
  gatewayUrl: z.url().optional(),
  token: z.string().min(1),
});
export type Profile = z.infer<typeof Profile>;

export function profilePath(home: string): string {
  return join(home, 'profile.json');
}

/** Undefined when nobody has signed in here. @throws UsageError for a file that is not a profile. */
export async function readProfile(home: string): Promise<Profile | undefined> {
  const path = profilePath(home);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return Profile.parse(JSON.parse(text));
  } catch (cause) {
    throw new UsageError(`${path} is not a profile; sign in again with "castellan login".`, cause);
  }
}

export async function writeProfile(home: string, profile: Profile): Promise<void> {
  const path = profilePath(home);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function removeProfile(home: string): Promise<void> {
  await rm(profilePath(home), { force: true });
}
