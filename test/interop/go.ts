import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isNativeError } from 'node:util/types';

const run = promisify(execFile);

/** Long enough for a cold cache on a busy machine. */
const BUILD_TIMEOUT_MS = 240_000;

/** A Go program built from a folder of this one's, or in words why there is none: no Go, or no way to its modules. */
export async function goProgram(folder: string, output: string): Promise<{ missing?: string }> {
  try {
    await run('go', ['build', '-mod=readonly', '-o', output, '.'], {
      cwd: folder,
      timeout: BUILD_TIMEOUT_MS,
    });
    return {};
  } catch (error) {
    if (isMissingGo(error)) return { missing: 'there is no Go on this machine' };
    const detail = isNativeError(error) ? error.message : String(error);
    if (isWithoutModules(detail))
      return { missing: `its modules or a new enough Go can not be had:\n${detail}` };
    throw error;
  }
}

function isMissingGo(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && error.code === 'ENOENT';
}

/** Anything else that keeps it from building is a fault of ours. */
function isWithoutModules(detail: string): boolean {
  return /dial tcp|lookup |proxy|requires go >=|module lookup disabled|i\/o timeout|SIGTERM/.test(detail);
}
