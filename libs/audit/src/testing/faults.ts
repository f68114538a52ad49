import { Database, type DatabaseClient, type TransactionOptions, type Tx } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { CheckpointSigner, type CheckpointRequest } from '../checkpoint-signer.js';

/** What happens to the next call: it fails and nothing happened, or it happened and the caller hears of a failure. */
export type Fault = 'failed' | 'failed but persisted';

export class InjectedFault extends CastellanError {
  constructor() {
    super({ code: 'injected', kind: 'unavailable', publicDetail: 'A spec pulled the plug.' });
  }
}

async function strike<T>(fault: Fault | undefined, work: () => Promise<T>): Promise<T> {
  if (fault === 'failed') throw new InjectedFault();
  const result = await work();
  if (fault === 'failed but persisted') throw new InjectedFault();
  return result;
}

/** A signer whose next `sign` may die before or after it has signed. */
export class FaultySigner extends CheckpointSigner {
  next: Fault | undefined;

  constructor(private readonly signer: CheckpointSigner) {
    super();
  }

  sign(request: CheckpointRequest): Promise<string> {
    const fault = this.next;
    this.next = undefined;
    return strike(fault, () => this.signer.sign(request));
  }

  last(): Promise<string | undefined> {
    return this.signer.last();
  }
}

/** A database whose next transaction may die before or after its commit. */
export class FaultyDatabase extends Database {
  next: Fault | undefined;

  constructor(private readonly database: Database) {
    super();
  }

  get client(): DatabaseClient {
    return this.database.client;
  }

  transaction<T>(fn: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T> {
    const fault = this.next;
    this.next = undefined;
    if (fault !== 'failed') return strike(fault, () => this.database.transaction(fn, options));
    // The work is done and then rolled back, as when the connection is lost before the commit.
    return this.database.transaction(async (tx) => {
      await fn(tx);
      throw new InjectedFault();
    }, options);
  }

  ping(): Promise<void> {
    return this.database.ping();
  }

  close(): Promise<void> {
    return this.database.close();
  }
}
