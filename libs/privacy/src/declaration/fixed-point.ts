/** `value` in integers of 10^−decimals, or undefined when it isn't a whole number of them. */
export function fixedPoint(value: number, decimals: number): bigint | undefined {
  const scaled = Math.round(value * 10 ** decimals);
  if (!Number.isSafeInteger(scaled)) return undefined;
  return Number(`${scaled}e-${decimals}`) === value ? BigInt(scaled) : undefined;
}

/** An integer of 10^−decimals as exact decimal text, without trailing zeros: 1250 with 3 decimals is "1.25". */
export function decimalText(value: bigint, decimals: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
