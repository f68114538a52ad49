import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Python that can import all of these: `CASTELLAN_PYTHON`, or the one on the path. */
export async function pythonWith(...modules: readonly string[]): Promise<string | undefined> {
  for (const python of [process.env['CASTELLAN_PYTHON'], 'python3']) {
    if (python === undefined) continue;
    const found = await run(python, ['-c', `import ${modules.join(', ')}`]).then(
      () => true,
      () => false,
    );
    if (found) return python;
  }
  return undefined;
}
