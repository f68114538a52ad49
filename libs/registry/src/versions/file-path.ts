import { FilePath } from '@castellan/contracts';
import { RegistryError } from '../registry-error.js';

/** @throws file_path_invalid, saying what is wrong with it */
export function requireFilePath(path: string): void {
  const checked = FilePath.safeParse(path);
  if (checked.success) return;
  throw new RegistryError('file_path_invalid', {
    kind: 'invalid',
    publicDetail: `The path ${JSON.stringify(path.slice(0, 100))} can't be part of a version: ${checked.error.issues[0]?.message ?? ''}.`,
  });
}
