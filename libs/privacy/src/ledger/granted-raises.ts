import type { GrantedRaise } from '@castellan/contracts';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';

/**
 * What became of a dataset's limits since it was declared: raises that two people signed for, and lowerings, oldest first. Answers what the keybroker keeps, never what a row says.
 * Errors: `keybroker_unavailable`.
 */
@Injectable()
export abstract class GrantedRaises {
  abstract of(datasetId: string, declaration: string): Promise<readonly GrantedRaise[]>;
}

/** Asks the keybroker every time: a row that hid a lowering would be worth writing. */
@Injectable()
export class KeybrokerGrantedRaises extends GrantedRaises {
  constructor(private readonly keybroker: KeybrokerClient) {
    super();
  }

  of(datasetId: string, declaration: string): Promise<readonly GrantedRaise[]> {
    return this.keybroker.budgetRaises(datasetId, declaration);
  }
}
