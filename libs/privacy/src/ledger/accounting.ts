import type { DatasetDeclaration } from '@castellan/contracts';
import {
  epsilonOfRho,
  multiply,
  parseEpsilon,
  parseRho,
  PICO_PER_EPSILON,
  PICO_PER_RHO,
  picoRho,
  rational,
  rhoOfPure,
  rootBelow,
  type PrivacyLoss,
  type Rational,
} from '@castellan/differential-privacy';
import { PrivacyError } from '../privacy-error.js';
import { chargeOf, epsilonText, limitOf } from './pico-epsilon.js';

/**
 * How a dataset's losses are added up, and so what its ledger's integers are: 1e-12 epsilon, or 1e-12 rho. Either adds up
 * exactly, whatever was asked because of which answer (arXiv 1605.02065, lemma 2.3). It stands in the document that the
 * table is sealed under.
 */
export type Accounting = NonNullable<DatasetDeclaration['accounting']>;

/** One of the two, as a person wrote it. */
export interface Offered {
  readonly epsilon?: string | undefined;
  readonly rho?: string | undefined;
}

export interface OfferedLimit {
  readonly epsilonLimit?: string | undefined;
  readonly rhoLimit?: string | undefined;
}

/**
 * What is charged, rounded up. In rho an epsilon pays for whatever is epsilon-private: ε²/2.
 * @throws accounting_differs, epsilon_malformed, epsilon_out_of_range, rho_malformed, rho_out_of_range
 */
export function chargeIn(accounting: Accounting, { epsilon, rho }: Offered): bigint {
  if (epsilon !== undefined && rho !== undefined) throw differs('Say epsilon or rho, and not both.');
  if (rho !== undefined) {
    if (accounting === 'zcdp') return picoRho(parseRho(rho));
    throw differs('Losses of this dataset are added up in epsilon: say how much of that.');
  }
  if (epsilon === undefined) throw differs(`Say how much ${unitOf(accounting)} it may cost.`);
  return accounting === 'pure' ? chargeOf(epsilon) : picoRho(rhoOfPure(parseEpsilon(epsilon)));
}

/** @throws accounting_differs, declaration_invalid */
export function limitIn(accounting: Accounting, { epsilonLimit, rhoLimit }: OfferedLimit): bigint {
  const [limit, other] = accounting === 'pure' ? [epsilonLimit, rhoLimit] : [rhoLimit, epsilonLimit];
  if (limit !== undefined && other === undefined) return limitOf(limit);
  throw differs(`Losses of this dataset are added up in ${unitOf(accounting)}, and so is its limit.`);
}

/** What an amount of the ledger allows. */
export function lossOf(accounting: Accounting, pico: bigint): PrivacyLoss {
  return accounting === 'pure'
    ? { definition: 'pure', epsilon: rational(pico, PICO_PER_EPSILON) }
    : { definition: 'zero_concentrated', rho: rational(pico, PICO_PER_RHO) };
}

/** The epsilon that an amount pays for, where something is epsilon-private and no better: √(2ρ), from below. */
export function epsilonPaidBy(accounting: Accounting, pico: bigint): Rational {
  const loss = lossOf(accounting, pico);
  return loss.definition === 'pure' ? loss.epsilon : rootBelow(multiply(loss.rho, rational(2n)));
}

/** An amount of the ledger as contracts and events say it. */
export function lossText(accounting: Accounting, pico: bigint): { epsilon: string } | { rho: string } {
  const text = epsilonText(pico);
  return accounting === 'pure' ? { epsilon: text } : { rho: text };
}

export function unitOf(accounting: Accounting): 'epsilon' | 'rho' {
  return accounting === 'pure' ? 'epsilon' : 'rho';
}

/** The epsilon of a loss in rho at this delta, to four places, rounded up. */
export function epsilonAt(pico: bigint, delta: number): number {
  const epsilon = epsilonOfRho((Number(pico) / Number(PICO_PER_RHO)) * (1 + 2 ** -50), delta);
  return Math.ceil(epsilon * 1e4) / 1e4;
}

function differs(publicDetail: string): PrivacyError {
  return new PrivacyError('accounting_differs', { kind: 'invalid', publicDetail });
}
