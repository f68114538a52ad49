/**
 * Lets a plain Node thread or process run the workspace's TypeScript sources: `./x.js` finds `./x.ts`. Types are
 * stripped by Node itself; libs resolve to their sources through the condition `castellan-source`.
 */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!specifier.endsWith('.js')) throw error;
      return next(`${specifier.slice(0, -'.js'.length)}.ts`, context);
    }
  },
});
