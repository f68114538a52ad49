import pg from 'pg';

/** Pieces in which rows travel: a server that takes one message takes it whole into its memory. */
const PIECE_BYTES = 256 * 1024;

const DONE = Buffer.from([0x63, 0, 0, 0, 4]); // CopyDone

/**
 * A `COPY … FROM STDIN` and its rows, sent without waiting for the server to ask for them: so it can stand between other
 * statements of a pipelined connection. Where the server refuses the statement it passes over the rows, as the protocol says.
 *
 * Source: PostgreSQL documentation, 54.2.6 "COPY Operations".
 */
export class CopyIn extends pg.Query {
  override submit = (connection: pg.Connection): void => {
    const { stream } = connection;
    stream.cork();
    connection.query(this.statement);
    for (let at = 0; at < this.copied.length; at += PIECE_BYTES) {
      const piece = this.copied.subarray(at, at + PIECE_BYTES);
      stream.write(copyData(piece.length));
      stream.write(piece);
    }
    stream.write(DONE);
    stream.uncork();
  };

  constructor(
    private readonly statement: string,
    private readonly copied: Uint8Array,
    done: (error: Error | undefined) => void,
  ) {
    super(statement, done);
  }

  /** The rows are on their way already. */
  handleCopyInResponse(): void {
    return;
  }
}

function copyData(length: number): Buffer {
  const head = Buffer.from([0x64, 0, 0, 0, 0]);
  head.writeInt32BE(4 + length, 1);
  return head;
}
