import { isNativeError } from 'node:util/types';

/** Whether this is the file system's word for "no such file". */
export function isAbsent(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && error.code === 'ENOENT';
}
