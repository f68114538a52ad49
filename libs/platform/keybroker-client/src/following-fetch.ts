import type { MutualTlsFetch, TlsIdentity } from '@castellan/http';

/** One `fetch` for good, over connections that are made anew whenever the identity changes. */
export class FollowingFetch {
  #current: MutualTlsFetch;
  readonly fetch: MutualTlsFetch;

  constructor(
    private readonly open: (tls: TlsIdentity) => MutualTlsFetch,
    tls: TlsIdentity,
  ) {
    this.#current = open(tls);
    this.fetch = Object.assign((...given: Parameters<MutualTlsFetch>) => this.#current(...given), {
      close: () => this.#current.close(),
    });
  }

  /** Calls from now on show this identity; those in flight end as they began. */
  follow(tls: TlsIdentity): void {
    const previous = this.#current;
    this.#current = this.open(tls);
    void previous.close();
  }
}
