import { environment } from '@castellan/config';

/** glibc gives memory back as soon as it is free: models come and go, and reloading one must not grow the process. */
export const tightMemory = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_TRIM_THRESHOLD_: '65536',
  MALLOC_MMAP_THRESHOLD_: '65536',
} as const;

/** Options of Node by which its heap grows late and shrinks early. */
export const tightHeap = ['--max-semi-space-size=2', '--optimize-for-size'] as const;

/**
 * Puts the same command in this process's place, with tight memory from its first byte, which can't be had later: what
 * supervises for weeks should not be the largest of all. Returns where it is tight already or the platform can't do it.
 */
export function tightenMemory(argv: readonly string[]): void {
  const inherited = environment();
  if (inherited['MALLOC_ARENA_MAX'] !== undefined || process.platform === 'win32') return;
  const { execPath, execArgv } = process;
  process.execve?.(execPath, [execPath, ...execArgv, ...tightHeap, ...argv.slice(1)], {
    ...inherited,
    ...tightMemory,
  });
}
