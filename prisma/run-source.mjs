// node --import ./prisma/run-source.mjs FILE.ts: runs our TypeScript from source, through swc as the build does.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const ours = (url) => url.startsWith('file:') && !url.includes('/node_modules/') && url.endsWith('.ts');

/** What `./x.js` is before it is compiled: `./x.ts`, where there is one. */
function written(specifier, parent) {
  const source = specifier.replace(/\.js$/, '.ts');
  return specifier.startsWith('.') && existsSync(new URL(source, parent)) ? source : specifier;
}

registerHooks({
  resolve(specifier, context, next) {
    const conditions = [...context.conditions, 'castellan-source'];
    const fromSource = context.parentURL !== undefined && ours(context.parentURL);
    return next(fromSource ? written(specifier, context.parentURL) : specifier, { ...context, conditions });
  },
  load(url, context, next) {
    if (!ours(url)) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { filename, sourceMaps: 'inline' });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
