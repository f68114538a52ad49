import type { Environment } from './load-config.js';

/** The process's environment. Mains pass it to `loadConfig`; nothing else reads it. */
export function environment(): Environment {
  return process.env;
}
