import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnrollResponse } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { mutualTlsFetch, peerCall, type MutualTlsFetch, type TlsIdentity } from '@castellan/http';
import { createCsr } from '@castellan/pki';
import { FollowingFetch } from './following-fetch.js';
import { KeybrokerClient } from './keybroker-client.js';
import type { KeybrokerConfig } from './keybroker.config.js';

export interface Enrolment extends KeybrokerConfig {
  readonly role: 'api' | 'gateway' | 'worker' | 'jobs';
  /** Tells processes of one role apart: lower case, digits and "-". */
  readonly name: string;
}

const PATIENCE_MS = 30_000;
const PAUSE_MS = 250;
/** After a renewal that failed. Certificates live for a day, so there are many tries. */
const RENEWAL_PAUSE_MS = 60_000;

/**
 * Who this process is among Castellan's processes: a private key that never leaves it, and the certificate that the
 * keybroker gave for it. Renewed at half of its life, with a new key, for as long as the process runs.
 *
 * The keybroker is recognised by the authority in `ca`, which came by another way than the network.
 */
export class ProcessIdentity {
  readonly #fetches: FollowingFetch[] = [];
  readonly #listeners: ((tls: TlsIdentity) => void)[] = [];
  #renewal: NodeJS.Timeout | undefined;

  private constructor(
    private readonly enrolment: Enrolment,
    private current: TlsIdentity,
  ) {
    this.#planRenewal();
  }

  /**
   * @param patienceMs how long to wait for a keybroker that starts at the same time
   * @throws what the keybroker refuses with (a wrong token, a wrong name); `peer_unavailable` when it does not answer in
   *   time, or is not of the authority
   */
  static async enroll(enrolment: Enrolment, patienceMs = PATIENCE_MS): Promise<ProcessIdentity> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      try {
        return new ProcessIdentity(enrolment, await certified(enrolment));
      } catch (error) {
        const late = performance.now() > deadline;
        if (late || !(error instanceof CastellanError) || error.kind !== 'unavailable') throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  get tls(): TlsIdentity {
    return this.current;
  }

  /** `<role>/<name>`, as releases are bound to it. */
  get peer(): string {
    return `${this.enrolment.role}/${this.enrolment.name}`;
  }

  /** Servers take the new certificate with `server.setSecureContext(mutualTlsServerOptions(tls))`. */
  onRenewed(listener: (tls: TlsIdentity) => void): void {
    this.#listeners.push(listener);
  }

  /** `fetch` to processes of a role, showing whatever certificate is current. */
  fetch(expectRole: string, timeoutMs?: number): MutualTlsFetch {
    const timeout = timeoutMs === undefined ? {} : { timeoutMs };
    const following = new FollowingFetch(
      (tls) => mutualTlsFetch({ ...tls, expectRole, ...timeout }),
      this.current,
    );
    this.#fetches.push(following);
    return following.fetch;
  }

  keybroker(): KeybrokerClient {
    return new KeybrokerClient(peerCall(this.fetch('keybroker'), this.enrolment.url));
  }

  async close(): Promise<void> {
    clearTimeout(this.#renewal);
    await Promise.all(this.#fetches.map(({ fetch }) => fetch.close()));
  }

  #planRenewal(pauseMs = halfLifeMs(this.current.cert)): void {
    this.#renewal = setTimeout(() => void this.#renew(), pauseMs).unref();
  }

  async #renew(): Promise<void> {
    try {
      this.current = await certified(this.enrolment);
    } catch {
      return this.#planRenewal(RENEWAL_PAUSE_MS);
    }
    for (const following of this.#fetches) following.follow(this.current);
    for (const listener of this.#listeners) listener(this.current);
    this.#planRenewal();
  }
}

async function certified({ url, ca, joinToken, role, name }: Enrolment): Promise<TlsIdentity> {
  const { privateKeyPem, csrPem } = await createCsr(name);
  const fetch = mutualTlsFetch({ ca, expectRole: 'keybroker', timeoutMs: 5_000 });
  try {
    const answer = await peerCall(fetch, url)('POST', '/v1/enroll', {
      role,
      name,
      csr: csrPem,
      token: joinToken,
    });
    return { ca, cert: EnrollResponse.parse(answer).certificate, key: privateKeyPem };
  } finally {
    await fetch.close();
  }
}

/** Never below a minute, so that a certificate that is over at once does not make a loop. */
function halfLifeMs(certificate: string): number {
  const { validToDate } = new X509Certificate(certificate);
  return Math.max(60_000, (validToDate.getTime() - Date.now()) / 2);
}
