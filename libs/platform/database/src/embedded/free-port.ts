import { createServer } from 'node:net';

/** A TCP port on 127.0.0.1 that was free a moment ago. Whoever binds it must be ready to ask again. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('a listening TCP server has no port')),
      );
    });
  });
}
