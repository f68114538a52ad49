import type { BudgetShare, GrantedRaise, SubLimit } from '@castellan/contracts';
import { Injectable } from '@nestjs/common';
import type { KnownDataset } from '../dataset/dataset-document.js';
import { limitIn, type Accounting } from './accounting.js';
import { deltaLimitOf } from './atto-delta.js';
import { GrantedRaises } from './granted-raises.js';
import type { BudgetLimits } from './privacy-ledger.js';

/** The limits of a dataset: as its document declares them, or as two people have signed that they be. */
export class GovernedLimits implements BudgetLimits {
  readonly limitPico: bigint;
  readonly limitAtto: bigint;

  constructor(
    private readonly known: KnownDataset,
    private readonly raises: readonly GrantedRaise[],
  ) {
    const { limitPico, limitAtto } = this.raised(known, { kind: 'dataset' });
    this.limitPico = limitPico;
    this.limitAtto = limitAtto;
  }

  /** What this person, or this project, may spend; undefined: as much as there is. */
  of(share: Exclude<BudgetShare, { kind: 'dataset' }>): BudgetLimits | undefined {
    const declared = this.known.document.subLimits?.[share.kind];
    return declared && this.raised(this.declared(declared), share);
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

  /** A raise never lowers. */
  private raised({ limitPico, limitAtto }: BudgetLimits, share: BudgetShare): BudgetLimits {
    const about = this.raises.filter((raise) => sameShare(raise.share, share));
    return about.reduce(
      (limits, limit) => ({
        limitPico: greater(limits.limitPico, limitIn(this.accounting, limit)),
        limitAtto: greater(limits.limitAtto, deltaLimitOf(limit.deltaLimit)),
      }),
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
