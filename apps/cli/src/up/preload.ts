/**
 * Preloaded into every process that the supervisor starts, so that no app need know that it has a parent.
 *
 * When the supervisor is gone, however it went, its channel breaks and the process ends itself in order, or after five
 * seconds without: the database goes as well, so there is little left to wait for. When an error ends the process, its last
 * words are a JSON line that says which, besides what Node prints.
 */
const source = `
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
