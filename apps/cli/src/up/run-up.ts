import { once } from 'node:events';
import type { UpOptions } from '../commands/up.js';
import type { Invocation } from '../invocation.js';
import { defaultFolder } from './default-folder.js';
import { startInstallation } from './installation.js';

/** `castellan up`: runs everything until it is told to stop. */
export async function runUp(invocation: Invocation, options: UpOptions): Promise<void> {
  const { terminal, signal } = invocation;
  const startedAt = performance.now();
  const installation = await startInstallation(invocation, {
    ...options,
    data: options.data ?? defaultFolder(invocation),
    demo: false,
    say: (text) => terminal.say(terminal.style.dim(text)),
  });
  const { stack, folder, signInSecret, warnings } = installation;
  const signInLink = folder.isNew ? `${stack.apiUrl}/sign-in#token=${signInSecret}` : undefined;
  const seconds = (performance.now() - startedAt) / 1000;
  for (const warning of warnings) terminal.say(terminal.style.bad(`warning: ${warning}`));
  terminal.result(
    {
      api: stack.apiUrl,
      gateway: stack.gatewayUrl,
      data: folder.path,
      signInLink,
      secondsToReady: round(seconds),
    },
    [
      `Castellan is ready after ${round(seconds)} s.`,
      `  api and console  ${stack.apiUrl}`,
      `  gateway          ${stack.gatewayUrl}`,
      `  data             ${folder.path}`,
      ...(signInLink === undefined ? [] : [`  sign in once at  ${signInLink}`]),
      'Ctrl-C stops it.',
    ].join('\n'),
  );
  if (!signal.aborted) await once(signal, 'abort');
  terminal.say('Stopping …');
  await installation.stop();
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
