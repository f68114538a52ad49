import type { Command } from 'commander';
import { join } from 'node:path';
import { loadConfig, type Environment } from '@castellan/config';
import { z } from 'zod';
import { ApiClient } from './client/api-client.js';
import { GatewayClient } from './client/gateway-client.js';
import { readProfile } from './client/profile.js';
import { cliConfig, type CliConfig } from './cli.config.js';
import type { PassphraseSource } from './keys/key-file.js';
import { Terminal, type Streams } from './terminal/terminal.js';
import { UsageError } from './usage-error.js';

/** The world around one run of the command line. */
export interface Surroundings extends Streams {
  readonly environment: Environment;
  readonly now: () => Date;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

const GlobalOptions = z.object({
  json: z.boolean().default(false),
  url: z.url({ protocol: /^https?$/ }).optional(),
  gateway: z.url({ protocol: /^https?$/ }).optional(),
});

/** One command being carried out: where it speaks, whom it talks to, and as whom. */
export class Invocation {
  readonly config: CliConfig;
  readonly terminal: Terminal;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly #options: z.infer<typeof GlobalOptions>;

  constructor(
    readonly surroundings: Surroundings,
    command: Command,
  ) {
    const options = GlobalOptions.safeParse(command.optsWithGlobals());
    if (!options.success) throw new UsageError('--url and --gateway take an http or https address.');
    this.#options = options.data;
    this.config = loadConfig({ cli: cliConfig }, surroundings.environment).cli;
    this.now = surroundings.now;
    this.signal = surroundings.signal;
    this.terminal = new Terminal(surroundings, {
      json: this.#options.json,
      noColour: this.config.noColor !== undefined,
    });
  }

  /** The address to sign in at, when one is named. */
  get url(): string | undefined {
    return this.#options.url ?? this.config.url;
  }

  get gatewayUrl(): string | undefined {
    return this.#options.gateway ?? this.config.gatewayUrl;
  }

  /** @throws UsageError when nobody is signed in. */
  async api(): Promise<ApiClient> {
    const { url, token } = await this.#identity();
    return new ApiClient({ url, token });
  }

  async gateway(): Promise<GatewayClient> {
    const profile = await readProfile(this.config.home);
    const { url, token } = await this.#identity();
    return new GatewayClient({ url: this.gatewayUrl ?? profile?.gatewayUrl ?? besides(url), token });
  }

  /** The reviewer's key file, unless another is named. */
  get keyPath(): string {
    return join(this.config.home, 'keys', 'reviewer.key.pem');
  }

  /** The passphrase of a key file: from the environment, else asked for. */
  get passphrase(): PassphraseSource {
    return async () =>
      this.config.keyPassphrase ??
      (await this.terminal.secret(
        'Passphrase of the key file: ',
        'The key file is encrypted; give CASTELLAN_KEY_PASSPHRASE or CASTELLAN_KEY_PASSPHRASE_FILE.',
      ));
  }

  async #identity(): Promise<{ url: string; token: string }> {
    const profile = await readProfile(this.config.home);
    const url = this.url ?? profile?.url;
    // A profile's token goes to the profile's own server only.
    const token = this.config.token ?? (url === profile?.url ? profile?.token : undefined);
    if (url !== undefined && token !== undefined) return { url, token };
    throw new UsageError(
      'Nobody is signed in. Run "castellan login", or set CASTELLAN_URL and CASTELLAN_TOKEN.',
    );
  }
}

/** On one machine the gateway listens on the api's host, port 8000. */
function besides(url: string): string {
  const gateway = new URL(url);
  gateway.port = '8000';
  return gateway.origin;
}
