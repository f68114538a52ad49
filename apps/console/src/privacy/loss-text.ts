import type { DatasetDeclaration } from '@castellan/contracts';

interface Loss {
  readonly epsilon?: string | undefined;
  readonly rho?: string | undefined;
}

/** "ε 0.5", or "ρ 0.01" where the dataset's losses are added up in that. */
export function lossText({ epsilon, rho }: Loss): string {
  return rho === undefined ? `ε ${epsilon ?? '0'}` : `ρ ${rho}`;
}

/** Another amount in the currency of this one. */
export function alike({ rho }: Loss, amount: string): string {
  return lossText(rho === undefined ? { epsilon: amount } : { rho: amount });
}

export function lossIn(accounting: DatasetDeclaration['accounting'], amount: string): string {
  return lossText(accounting === 'zcdp' ? { rho: amount } : { epsilon: amount });
}
