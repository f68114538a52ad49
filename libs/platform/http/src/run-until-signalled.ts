/**
 * Waits for SIGTERM or SIGINT, then closes and ends the process: 0 when everything closed in order, 1 when it didn't or a
 * second signal came. For mains.
 */
export async function runUntilSignalled(close: () => Promise<void>): Promise<never> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));
  try {
    await close();
  } catch {
    process.exit(1);
  }
  process.exit(0);
}
