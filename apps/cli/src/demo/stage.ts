import type { KeyObject } from 'node:crypto';
import type { Deployment, Version } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../client/api-client.js';
import { GatewayClient } from '../client/gateway-client.js';
import { decisionOn } from '../documents/decision-on.js';
import { signDocument } from '../documents/sign-document.js';
import { localFiles } from '../publish/local-files.js';
import { publishVersion, scanned } from '../publish/publish-version.js';
import type { Progress } from '../terminal/progress.js';
import type { Installation } from '../up/installation.js';
import type { Narrator } from './narrator.js';

/** Somebody with an API key of their own. */
export interface Player {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly api: ApiClient;
}

export interface Cast {
  readonly admin: Player;
  readonly author: Player;
  readonly reviewer: Player;
  readonly steward: Player;
  readonly analyst: Player;
  readonly auditor: Player;
  readonly consumer: Player;
  /** Administrator of another organisation. */
  readonly stranger: Player;
}

/** Where the acts play: the running installation, its people, and the moves that several acts make. */
export class Stage {
  constructor(
    readonly installation: Installation,
    readonly narrator: Narrator,
    readonly cast: Cast,
    readonly keys: { readonly officer: KeyObject; readonly reviewer: KeyObject },
    readonly signal: AbortSignal,
    private readonly progress: (label: string, totalBytes: number) => Progress,
  ) {}

  get gatewayUrl(): string {
    return this.installation.stack.gatewayUrl;
  }

  gatewayFor({ token }: Player): GatewayClient {
    return new GatewayClient({ url: this.gatewayUrl, token });
  }

  /** The author publishes one file as the next version of a model, and waits for the scan. */
  async publish(file: string, model: string): Promise<Version> {
    const { api } = this.cast.author;
    const finalised = await publishVersion(api, {
      ...{ model, project: 'default', files: await localFiles([file]), progress: this.progress },
      say: () => undefined,
    });
    return scanned(api, finalised.id, this.signal);
  }

  /** The reviewer signs a version. Gives the approval's digest. */
  async approve({ id }: Version, reason: string): Promise<string> {
    const { api, name: person } = this.cast.reviewer;
    const review = await api.review(id);
    const payload = decisionOn(review, {
      decision: 'approve',
      person,
      reason,
      days: 30,
      issuedAt: new Date(),
    });
    return (await api.submitDocument(signDocument(payload, this.keys.reviewer))).digest;
  }

  deploy({ id }: Version, name: string): Promise<Deployment> {
    return this.cast.admin.api.createDeployment({ name, version: id });
  }

  /** Waits until a deployment is in one of these phases. @throws CastellanError `demo_stuck` after 20 s */
  async untilPhase(name: string, phases: readonly Deployment['phase'][]): Promise<Deployment> {
    return this.until(`${name} is ${phases.join(' or ')}`, async () => {
      const deployment = await this.cast.admin.api.deployment(name);
      return phases.includes(deployment.phase) ? deployment : undefined;
    });
  }

  /** Asks again until there is an answer. @throws CastellanError `demo_stuck` naming what didn't come */
  async until<Value>(
    what: string,
    look: () => Promise<Value | undefined>,
    timeoutMs = 20_000,
  ): Promise<Value> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      this.signal.throwIfAborted();
      const found = await look();
      if (found !== undefined) return found;
      if (performance.now() > deadline)
        throw new CastellanError({
          code: 'demo_stuck',
          kind: 'unavailable',
          publicDetail: `Waited ${timeoutMs / 1000} s until ${what}, in vain.`,
        });
      await sleep(100, undefined, { signal: this.signal });
    }
  }

  /** The refusal that a prediction meets, or undefined when it is answered. */
  async refusalOf(model: string, input: unknown): Promise<CastellanError | undefined> {
    try {
      await this.gatewayFor(this.cast.consumer).predict({ model, input });
      return undefined;
    } catch (error) {
      if (error instanceof CastellanError) return error;
      throw error;
    }
  }
}
