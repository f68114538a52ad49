/** An amount of loss as contracts carry it: in one currency or the other. */
export interface Loss {
  readonly epsilon?: string | undefined;
  readonly rho?: string | undefined;
}

/** "epsilon 0.5", "rho 0.01". */
export function lossText({ epsilon, rho }: Loss): string {
  return rho === undefined ? `epsilon ${epsilon ?? '0'}` : `rho ${rho}`;
}

/** The amount alone, where a heading says what it is of. */
export function amountText({ epsilon, rho }: Loss): string {
  return epsilon ?? rho ?? '';
}

/** What losses of a dataset are added up in. */
export function unitOf(accounting: 'pure' | 'zcdp'): 'epsilon' | 'rho' {
  return accounting === 'pure' ? 'epsilon' : 'rho';
}
