/** The exact sum of two plain decimals, as a plain decimal: epsilons are never rounded. */
export function decimalSum(one: string, other: string): string {
  const places = Math.max(placesOf(one), placesOf(other));
  const sum = (scaled(one, places) + scaled(other, places)).toString().padStart(places + 1, '0');
  const fraction = sum.slice(sum.length - places).replace(/0+$/, '');
  return `${sum.slice(0, sum.length - places)}${places === 0 || fraction === '' ? '' : `.${fraction}`}`;
}

function placesOf(decimal: string): number {
  return decimal.split('.')[1]?.length ?? 0;
}

function scaled(decimal: string, places: number): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(places, '0'));
}
