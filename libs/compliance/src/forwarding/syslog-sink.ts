import { once } from 'node:events';
import { isIP } from 'node:net';
import { finished } from 'node:stream/promises';
import { connect, type TLSSocket } from 'node:tls';
import { forwardedText } from './forwarded-text.js';
import type { Batch, Sink } from './sink.js';
import { octetCounted, syslogMessage } from './syslog-message.js';
import { type AllowedNetworks, parseTargetAddress } from './target-address.js';

export interface SyslogTarget {
  readonly address: string;
  readonly format: string;
  readonly caPem: string | null;
}

/**
 * RFC 5424 over TLS (RFC 5425), one connection a batch. Syslog acknowledges nothing, so a batch counts as taken when the
 * receiver has closed its side after ours: it has then read what came before. What it does with it afterwards it does not say.
 */
export class SyslogSink implements Sink {
  constructor(
    private readonly target: SyslogTarget,
    private readonly networks: AllowedNetworks,
  ) {}

  async send({ leaves, signal }: Batch): Promise<string> {
    const url = parseTargetAddress('syslog', this.target.address);
    this.networks.requireLiteral(url);
    const socket = this.#connect(url);
    const abort = () => socket.destroy(new Error('no answer in time'));
    signal.addEventListener('abort', abort, { once: true });
    try {
      await once(socket, 'secureConnect');
      for (const leaf of leaves) {
        const message = octetCounted(syslogMessage(leaf, forwardedText(this.target.format, leaf)));
        if (!socket.write(message)) await once(socket, 'drain');
      }
      socket.end();
      socket.resume();
      await finished(socket);
      return `${socket.bytesWritten} bytes over ${socket.getProtocol() ?? 'TLS'}`;
    } finally {
      signal.removeEventListener('abort', abort);
      socket.destroy();
    }
  }

  #connect(url: URL): TLSSocket {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return connect({
      host,
      port: url.port === '' ? 6514 : Number(url.port),
      lookup: this.networks.lookup,
      minVersion: 'TLSv1.2',
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(this.target.caPem === null ? {} : { ca: this.target.caPem }),
    });
  }
}
