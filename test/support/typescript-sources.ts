/** Node options with which a thread or child process of a spec runs the workspace's TypeScript sources. */
export const typescriptSources: readonly string[] = [
  `--import=${new URL('../../prisma/run-source.mjs', import.meta.url).href}`,
];
