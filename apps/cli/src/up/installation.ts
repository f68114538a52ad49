import { createHash } from 'node:crypto';
import { loadConfig } from '@castellan/config';
import type { Invocation } from '../invocation.js';
import { DataFolder } from './data-folder.js';
import { keptSecret, newSecret } from './kept-secret.js';
import { officersFor } from './officers.js';
import { ownServices, partsElsewhere } from './own-services.js';
import { passphraseFor } from './passphrase.js';
import { builtApp, type Ports } from './plans.js';
import { claimPort } from './ports.js';
import { Stack } from './stack.js';
import { upConfig } from './up.config.js';

export interface InstallationOptions {
  readonly data: string;
  readonly demo: boolean;
  /** Files with the officers' public keys, for the first start. */
  readonly officer: readonly string[];
  readonly apiPort: number;
  readonly gatewayPort: number;
  /** What happens on the way, a line each. */
  readonly say: (text: string) => void;
}

/** A running stack over a folder that this process holds. */
export interface Installation {
  readonly folder: DataFolder;
  readonly stack: Stack;
  /** The secret of the first administrator's sign-in link; of use only until somebody has been made. */
  readonly signInSecret: string;
  /** What its owner should know: secrets that lie where they were made. */
  readonly warnings: readonly string[];
  /** Idempotent. */
  stop(): Promise<void>;
}

/** Opens or makes the folder, starts everything, and resolves when it is ready. Nothing stays behind when it fails. */
export async function startInstallation(
  invocation: Invocation,
  options: InstallationOptions,
): Promise<Installation> {
  const { say } = options;
  const { environment } = invocation.surroundings;
  const config = loadConfig({ up: upConfig }, environment).up;
  // A demo shows somebody who owns the database what comes of it: never with one that is somebody's.
  const services = options.demo ? {} : ownServices(environment);
  const folder = await DataFolder.open(options.data, {
    demo: options.demo,
    now: invocation.now(),
    elsewhere: partsElsewhere(services),
  });
  try {
    const ports = await claimPorts(options);
    const passphrase =
      services.kmsUrl === undefined
        ? await passphraseFor(folder, config.passphrase, options.demo)
        : undefined;
    const officers = await officersFor(folder, options.officer);
    const signInSecret = folder.isNew ? await keptSecret(folder.signInSecretFile) : newSecret();
    const stack = await Stack.start({
      folder,
      ports,
      passphrase: passphrase?.text,
      services,
      bootstrapTokenHash: createHash('sha256').update(signInSecret).digest('hex'),
      environment,
      scriptOf: builtApp,
      signal: invocation.signal,
      events: {
        step: say,
        died: (name, how, waitMs) => say(`${name} died (${how}); it is started again in ${waitMs} ms`),
        restarted: (name) => say(`${name} is back`),
      },
    });
    await folder.noteStarted();
    return {
      folder,
      stack,
      signInSecret,
      warnings: [
        ...(passphrase?.keptIn === undefined
          ? []
          : [`The key store's passphrase lies in ${passphrase.keptIn}; move it away.`]),
        ...(officers.generatedKey === undefined
          ? []
          : [
              `The security officer's private key lies in ${officers.generatedKey}; move it off this machine.`,
            ]),
      ],
      stop: onceOnly(async () => {
        await stack.stop();
        folder.lock.release();
      }),
    };
  } catch (error) {
    folder.lock.release();
    throw error;
  }
}

async function claimPorts({ apiPort, gatewayPort }: InstallationOptions): Promise<Ports> {
  return {
    api: await claimPort(apiPort, 'api'),
    gateway: await claimPort(gatewayPort, 'gateway'),
    keybroker: await claimPort(0, 'keybroker'),
    worker: await claimPort(0, 'worker'),
  };
}

function onceOnly(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= act());
}
