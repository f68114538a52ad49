import { openCosignatures, parseNote, parseSignatureLines, type Cosignature } from '@castellan/signed-note';
import { AuditError } from '../audit-error.js';
import type { Witness } from './witness.js';

export interface Submission {
  /** The size up to which the witness is taken to know the log. */
  readonly oldSize: number;
  /** Consistency proof from there. */
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint. */
  readonly note: string;
}

/** A cosignature, or the size that the witness knows the log at, where that is another one. */
export type Answer = Cosignature | { readonly knownSize: number };

/** C2SP tlog-witness: a request has at most 63. */
const MAX_PROOF_LINES = 63;
/** Far more than any answer needs. */
const MAX_ANSWER_CHARACTERS = 65_536;

/**
 * Asks a witness to cosign (C2SP tlog-witness v1, `add-checkpoint`) and verifies what it answers.
 * @throws AuditError `witness_unavailable`, `witness_refused`; NoteError for an answer that is not its cosignature
 */
export async function addCheckpoint(
  witness: Witness,
  { oldSize, proof, note }: Submission,
  signal: AbortSignal,
): Promise<Answer> {
  if (proof.length > MAX_PROOF_LINES) throw refused(witness, 'the proof has too many lines');
  const lines = [`old ${oldSize}`, ...proof.map((hash) => Buffer.from(hash).toString('base64')), '', note];
  const { status, type, text } = await post(`${witness.url}/add-checkpoint`, lines.join('\n'), signal);
  if (status === 409 && type === 'text/x.tlog.size' && /^(0|[1-9]\d{0,15})\n$/.test(text))
    return { knownSize: Number(text) };
  if (status !== 200) throw refused(witness, REASONS[status] ?? `it answered ${status}`);
  const [cosignature] = openCosignatures(parseNote(note).text, parseSignatureLines(text), [witness.key]);
  if (cosignature === undefined) throw refused(witness, 'its answer holds no cosignature of its key');
  return cosignature;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'it finds the request malformed',
  403: 'it does not know the key that signed',
  404: 'it does not know this log',
  409: 'it holds another root of the same size: the log has two histories',
  422: 'it does not accept the proof that the log continues what it has seen: there may be two histories',
  429: 'it is asked too often',
};

async function post(
  url: string,
  body: string,
  signal: AbortSignal,
): Promise<{ status: number; type: string | null; text: string }> {
  try {
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    const response = await fetch(url, { method: 'POST', body, headers, signal, redirect: 'error' });
    const text = (await response.text()).slice(0, MAX_ANSWER_CHARACTERS);
    return { status: response.status, type: response.headers.get('content-type'), text };
  } catch (cause) {
    throw new AuditError('witness_unavailable', {
      kind: 'unavailable',
      publicDetail: `The witness at ${url} does not answer.`,
      cause,
    });
  }
}

function refused({ key }: Witness, reason: string): AuditError {
  return new AuditError('witness_refused', {
    kind: 'conflict',
    publicDetail: `${key.name} did not cosign: ${reason}.`,
  });
}
