import { type CheckpointRequest, CheckpointSigner } from '@castellan/audit';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';

/** The keybroker holds the log's key; it signs only what continues the last checkpoint it signed. */
@Injectable()
export class KeybrokerCheckpointSigner extends CheckpointSigner {
  constructor(private readonly keybroker: KeybrokerClient) {
    super();
  }

  sign({ oldSize, proof, checkpoint }: CheckpointRequest): Promise<string> {
    return this.keybroker.signCheckpoint(oldSize, proof, checkpoint);
  }

  last(): Promise<string | undefined> {
    return this.keybroker.lastCheckpoint();
  }
}
