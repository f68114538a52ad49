/** Sees one record of a table that is being sealed: texts in the order of the declared columns, '' for what is missing. */
export type LookAtRecord = (record: readonly string[]) => void;
