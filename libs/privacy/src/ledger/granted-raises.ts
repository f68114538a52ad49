import type { GrantedRaise } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';

/**
 * The raises of a dataset's limits that two people signed for. Answers what the keybroker keeps, never what a row says.
 * Errors: `keybroker_unavailable`.
 */
@Injectable()
export abstract class GrantedRaises {
  abstract of(datasetId: string, declaration: string): Promise<readonly GrantedRaise[]>;
}

/** Asks the keybroker about datasets of which some raise is written down; a raise that is not counts for nothing yet. */
@Injectable()
export class KeybrokerGrantedRaises extends GrantedRaises {
  constructor(
    private readonly database: Database,
    private readonly keybroker: KeybrokerClient,
  ) {
    super();
  }

  async of(datasetId: string, declaration: string): Promise<readonly GrantedRaise[]> {
    const written = await this.database.client.datasetTask.findFirst({
      where: { datasetId, kind: 'budget', state: 'done' },
      select: { id: true },
    });
    return written === null ? [] : this.keybroker.budgetRaises(datasetId, declaration);
  }
}
