/** The text of a constant: numbers as written, texts as they are; undefined for NULL, booleans and bit strings. */
export function literalText(body: Readonly<Record<string, unknown>>): string | undefined {
  if (body['isnull'] === true) return undefined;
  const { ival, fval, sval } = body;
  if (typeof sval === 'object' && sval !== null && 'sval' in sval) return String(sval.sval);
  if (typeof sval === 'object' && sval !== null) return '';
  if (typeof fval === 'object' && fval !== null && 'fval' in fval) return String(fval.fval);
  // The parser leaves the field out when the integer is 0.
  if (typeof ival === 'object' && ival !== null) return 'ival' in ival ? String(ival.ival) : '0';
  return undefined;
}
