// node --import ./prisma/run-source.mjs FILE.ts: runs our TypeScript from source, through swc as the build does.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const ours = (url) => url.startsWith('file:') && !url.includes('/node_modules/') && url.endsWith('.ts');

registerHooks({
  resolve(specifier, context, next) {
    const conditions = [...context.conditions, 'castellan-source'];
    const fromSource = context.parentURL !== undefined && ours(context.parentURL);
    const wanted = fromSource && specifier.startsWith('.') ? specifier.replace(/\.js$/, '.ts') : specifier;
    return next(wanted, { ...context, conditions });
  },
  load(url, context, next) {
    if (!ours(url)) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { filename, sourceMaps: 'inline' });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
