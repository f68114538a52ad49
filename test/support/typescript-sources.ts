/** Node options with which a thread or child process of a spec runs the workspace's TypeScript sources. */
export const typescriptSources: readonly string[] = [
  '--conditions=castellan-source',
  `--import=${new URL('./typescript-hooks.mjs', import.meta.url).href}`,
];
