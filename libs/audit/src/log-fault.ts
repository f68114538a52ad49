/** In what way a stored log is not the one that was signed. */
export type LogFaultCode =
  /** The checkpoint is not signed by the log's key, or is of another log. */
  | 'checkpoint_invalid'
  /** A checkpoint that the verifier holds is larger than the one presented: the log was set back. */
  | 'checkpoint_rolled_back'
  /** A checkpoint that the verifier holds is signed too, and is no prefix of the one presented: two histories. */
  | 'log_forked'
  /** A leaf that was signed is not stored. */
  | 'leaf_missing'
  /** The payload of a leaf is gone, and no signed event says that it expired. */
  | 'payload_missing'
  /** A stored leaf has another text than the one that was signed. */
  | 'leaf_edited'
  /** A stored leaf was signed at another index. */
  | 'leaf_moved'
  /** A stored leaf stands at an index that no log has. Only searches would show it. */
  | 'leaf_foreign'
  /** All leaves from here to the signed size are gone. */
  | 'log_truncated'
  /** Somewhere in this range rows and tiles were changed together, so that nothing tells which leaf was signed. */
  | 'range_differs'
  /** A tile does not hold the hashes that were signed. The leaves may be sound: tiles can be made again from them. */
  | 'tile_edited'
  | 'tile_missing'
  /** A column that searches go by does not say what the leaf says. */
  | 'index_differs';

export interface LogFault {
  /** The first leaf that the fault concerns. */
  readonly index: number;
  readonly code: LogFaultCode;
  /** One sentence for a person. */
  readonly detail: string;
}
