import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HttpError } from './http-error.js';

export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface Listening {
  readonly url: string;
  readonly port: number;
}

/** @throws `port_in_use` */
export async function listen(
  nest: NestFastifyApplication,
  { host = '127.0.0.1', port }: ListenOptions,
  overTls: boolean,
): Promise<Listening> {
  try {
    await nest.getHttpAdapter().getInstance().listen({ host, port });
  } catch (cause) {
    throw taken(cause)
      ? new HttpError({
          code: 'port_in_use',
          kind: 'conflict',
          publicDetail: `Port ${port} on ${host} is taken by another process.`,
          cause,
        })
      : cause;
  }
  const address: unknown = nest.getHttpServer().address();
  const bound =
    address !== null && typeof address === 'object' && 'port' in address ? Number(address.port) : port;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return { url: `${overTls ? 'https' : 'http'}://${shownHost}:${bound}`, port: bound };
}

function taken(error: unknown): boolean {
  return error !== null && typeof error === 'object' && 'code' in error && error.code === 'EADDRINUSE';
}
