import { createServer } from 'node:net';
import { UpError } from './up-error.js';

/** Loopback unless told otherwise: an installation is opened to a network on purpose, behind TLS. */
const HOST = '127.0.0.1';

/** @throws UpError `port_in_use` naming the port; 0 stands for any free one and gives its number. */
export async function claimPort(port: number, purpose: string): Promise<number> {
  try {
    return await bindOnce(port);
  } catch (cause) {
    if (!(cause !== null && typeof cause === 'object' && 'code' in cause && cause.code === 'EADDRINUSE'))
      throw cause;
    throw new UpError(
      'port_in_use',
      'conflict',
      `Port ${port}, wanted for the ${purpose}, is taken by another process. End that, or choose another with --${purpose}-port.`,
      cause,
    );
  }
}

function bindOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, HOST, () => {
      const address = server.address();
      const bound = address !== null && typeof address === 'object' ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
