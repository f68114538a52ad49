import type { IncomingMessage } from 'node:http';

/** Where a bucket that keeps versions has each of them: under names of their own, which nobody else asks for. */
export class KeptVersions {
  readonly #latest = new Map<string, number>();

  /** The path that a request is about, and the version that its answer names. A write is a new one. */
  of({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): { path: string; version: string } {
    const [path = '', query] = url.split('?');
    const latest = (this.#latest.get(path) ?? 0) + (method === 'PUT' ? 1 : 0);
    this.#latest.set(path, latest);
    const version = new URLSearchParams(query).get('versionId') ?? `v${latest}`;
    return { path: `${path}.${version}`, version };
  }
}
