import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Runs a script with its arguments on the Node that was installed beside us, and ends as it ends. */
export async function runOnBundledNode(argv: readonly string[]): Promise<void> {
  const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
  const child = spawn(join(folder, 'bin', 'node'), argv, { stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals): unknown => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, forward);
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
