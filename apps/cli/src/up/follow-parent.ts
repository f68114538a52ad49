/**
 * Preloaded into every process that the supervisor starts: when the supervisor is gone, however it went, its channel breaks
 * and the process ends itself in order, or after ten seconds without. So no app need know that it has a parent.
 */
const source = `
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), 10_000).unref();
});
process.channel?.unref();`;

/** For `node --import`. */
export const followParent = `data:text/javascript,${encodeURIComponent(source)}`;
