import type { BudgetShare, GrantedRaise, SubLimit } from '@castellan/contracts';
import { Injectable } from '@nestjs/common';
import type { KnownDataset } from '../dataset/dataset-document.js';
import { limitIn, type Accounting } from './accounting.js';
import { deltaLimitOf } from './atto-delta.js';
import { GrantedRaises } from './granted-raises.js';
import type { BudgetLimits } from './privacy-ledger.js';

/** The limits of a dataset: as its document declares them, and as they were changed since, in that order. */
export class GovernedLimits implements BudgetLimits {
  readonly limitPico: bigint;
  readonly limitAtto: bigint;
  /** The greatest that they ever were: no row can have been right to say more. */
  readonly highest: BudgetLimits;

  constructor(
    private readonly known: KnownDataset,
    private readonly changes: readonly GrantedRaise[],
  ) {
    const { limitPico, limitAtto } = this.changed(known, { kind: 'dataset' }, changes);
    const raises = changes.filter(({ lowers }) => lowers === undefined);
    this.highest = this.changed(known, { kind: 'dataset' }, raises);
    this.limitPico = limitPico;
    this.limitAtto = limitAtto;
  }

  /** What this person, or this project, may spend; undefined: as much as there is. */
  of(share: Exclude<BudgetShare, { kind: 'dataset' }>): BudgetLimits | undefined {
    const declared = this.known.document.subLimits?.[share.kind];
    return declared && this.changed(this.declared(declared), share, this.changes);
  }

  /** How often one of them was lowered. */
  get lowerings(): number {
    return this.changes.filter(({ lowers }) => lowers).length;
  }

  private get accounting(): Accounting {
    return this.known.table.accounting;
  }

  /** Without a delta of its own a share may spend all of the dataset's. */
  private declared({ epsilon: epsilonLimit, rho: rhoLimit, delta }: SubLimit): BudgetLimits {
    return {
      limitPico: limitIn(this.accounting, { epsilonLimit, rhoLimit }),
      limitAtto: delta === undefined ? this.limitAtto : deltaLimitOf(delta),
    };
  }

  /** A raise never lowers, and a lowering never raises. */
  private changed(
    { limitPico, limitAtto }: BudgetLimits,
    share: BudgetShare,
    changes: readonly GrantedRaise[],
  ): BudgetLimits {
    return changes
      .filter((change) => sameShare(change.share, share))
      .reduce<BudgetLimits>(
        (limits, change) => {
          const to = change.lowers === true ? lesser : greater;
          const { deltaLimit } = change;
          return {
            limitPico: to(limits.limitPico, limitIn(this.accounting, change)),
            limitAtto:
              deltaLimit === undefined ? limits.limitAtto : to(limits.limitAtto, deltaLimitOf(deltaLimit)),
          };
        },
        { limitPico, limitAtto },
      );
  }
}

function sameShare(one: BudgetShare, other: BudgetShare): boolean {
  return one.kind === other.kind && nameOf(one) === nameOf(other);
}

function nameOf(share: BudgetShare): string | undefined {
  return share.kind === 'dataset' ? undefined : share.name;
}

function lesser(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function greater(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

/** Finds out what the limits of a dataset are. */
@Injectable()
export class FindLimits {
  constructor(private readonly granted: GrantedRaises) {}

  /** @throws keybroker_unavailable */
  async execute(datasetId: string, known: KnownDataset): Promise<GovernedLimits> {
    return new GovernedLimits(known, await this.granted.of(datasetId, known.digest));
  }
}
