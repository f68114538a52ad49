import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server of this machine that can be shut: connections are cut, and new ones are refused. */
export class Door implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((from) => {
    const to = connect(this.behind, '127.0.0.1');
    for (const socket of [from, to]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    }
    from.pipe(to).pipe(from);
  });
  port = 0;

  private constructor(private readonly behind: number) {}

  static async before(port: number): Promise<Door> {
    const door = new Door(port);
    await door.open();
    return door;
  }

  /** The same port again, after it was shut. */
  async open(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  async shut(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shut();
  }
}
