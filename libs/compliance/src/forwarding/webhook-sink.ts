import { createHmac } from 'node:crypto';
import { Agent, fetch } from 'undici';
import { ComplianceError } from '../compliance-error.js';
import { forwardedText } from './forwarded-text.js';
import type { Batch, Sink } from './sink.js';
import { type AllowedNetworks, parseTargetAddress } from './target-address.js';

export interface WebhookTarget {
  readonly address: string;
  readonly format: string;
  readonly caPem: string | null;
}

/**
 * Posts events as lines. Each delivery is signed: `Castellan-Signature: t=<Unix seconds>,v1=<hex>` is HMAC-SHA-256 under the
 * target's key of the same seconds, a full stop and the body. `Castellan-Delivery` is the same whenever the same leaves are
 * sent again. Any 2xx answer means that they were taken. Redirects are not followed.
 */
export class WebhookSink implements Sink {
  readonly #agent: Agent;

  constructor(
    private readonly target: WebhookTarget,
    private readonly networks: AllowedNetworks,
    private readonly key: Uint8Array,
  ) {
    this.#agent = new Agent({
      pipelining: 0,
      connect: { lookup: networks.lookup, ...(target.caPem === null ? {} : { ca: target.caPem }) },
    });
  }

  async send({ targetId, leaves, begin, end, signal }: Batch): Promise<string> {
    const url = parseTargetAddress('webhook', this.target.address);
    this.networks.requireLiteral(url);
    const body = leaves.map((leaf) => `${forwardedText(this.target.format, leaf)}\n`).join('');
    const headers = {
      'content-type': 'application/x-ndjson',
      'castellan-delivery': `${targetId}-${begin}-${end}`,
      'castellan-signature': webhookSignature(this.key, Math.floor(Date.now() / 1000), body),
    };
    try {
      const answer = await fetch(url, {
        method: 'POST',
        body,
        headers,
        redirect: 'manual',
        signal,
        dispatcher: this.#agent,
      });
      await answer.body?.cancel();
      if (answer.ok) return `HTTP ${answer.status}`;
      throw new ComplianceError('target_failed', {
        kind: 'unavailable',
        publicDetail: `It answered HTTP ${answer.status}.`,
      });
    } finally {
      await this.#agent.close().catch(() => undefined);
    }
  }
}

/** The value of `Castellan-Signature`. */
export function webhookSignature(key: Uint8Array, seconds: number, body: string): string {
  const mac = createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}
