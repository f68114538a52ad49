/**
 * Preloaded into every process that the supervisor starts, so that no app need know that it has a parent.
 *
 * First it takes all memory out of core dumps (Linux): keys and weights would go to disk with it. Unlike a limit on their size
 * that holds for dumps that are piped to a program as well, and for every process that this one starts.
 *
 * When the supervisor is gone, however it went, its channel breaks and the process ends itself in order, or after five
 * seconds without: the database goes as well, so there is little left to wait for. When an error ends the process, its last
 * words are a JSON line that says which, besides what Node prints.
 */
const source = `
import { writeFileSync } from 'node:fs';
if (process.platform === 'linux') writeFileSync('/proc/self/coredump_filter', '0');
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), 5_000).unref();
});
process.channel?.unref();
process.once('uncaughtExceptionMonitor', (error) => {
  const { code, kind, publicDetail: detail } = Object(error);
  if (detail !== undefined) console.log(JSON.stringify({ level: 'fatal', msg: 'ended', code, kind, detail }));
});`;

/** For `node --import`. */
export const preload = `data:text/javascript,${encodeURIComponent(source)}`;
