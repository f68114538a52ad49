/**
 * Where Jest loads a suite: in Node's own module system instead of a fresh virtual machine context for each file. A
 * worker so loads Nest, Prisma, TensorFlow and our sources once and not once for each of its suites, and tests meet the
 * loader, the realms and the errors that the product meets. The price: suites of one worker share its globals.
 *
 * Answers what jest-circus asks of a `jest-runtime` (Jest 30).
 */
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { begin } from './globals.js';

const require = createRequire(import.meta.url);

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals' && context.parentURL?.endsWith('.ts')
      ? next(new URL('./globals.js', import.meta.url).href, context)
      : next(specifier, context),
});

class Runtime {
  /** The framework keeps its list of tests in its module: each suite gets a module of its own. */
  requireInternalModule(path) {
    delete require.cache[path];
    delete globalThis[Symbol.for('EVENT_HANDLERS')];
    return require(path);
  }

  requireModule(path) {
    return require(path);
  }

  setGlobalsForRuntime(globals) {
    begin(globals);
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  async unstable_importModule(path) {
    Error.prepareStackTrace = undefined; // Jest's would look for source maps that Node has
    process.setSourceMapsEnabled(true);
    await import(pathToFileURL(path).href);
  }

  getSourceMaps() {
    return new Map();
  }

  getAllCoverageInfoCopy() {}
  enterTestCode() {}
  leaveTestCode() {}
  teardown() {}
}

export { Runtime as 'module.exports' };
