/** `@jest/globals`, and the globals: always the framework of the suite that runs, also in support files that stay loaded. */
let framework;

export const begin = (globals) => (framework = globals);

const current = (name) =>
  new Proxy(function () {}, {
    apply: (_target, _self, parameters) => framework[name](...parameters),
    get: (_target, key) => framework[name][key],
  });

export const afterAll = current('afterAll');
export const afterEach = current('afterEach');
export const beforeAll = current('beforeAll');
export const beforeEach = current('beforeEach');
export const describe = current('describe');
export const expect = current('expect');
export const it = current('it');
export const test = current('test');

Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test });
