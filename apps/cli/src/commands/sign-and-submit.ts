import { CastellanError } from '@castellan/errors';
import type { TrustDocument } from '@castellan/contracts';
import { signDocument } from '../documents/sign-document.js';
import type { Invocation } from '../invocation.js';
import { readKeyFile } from '../keys/key-file.js';
import { printable } from '../terminal/printable.js';

export interface ToSign {
  /** What it is, in one line. */
  readonly title: string;
  /** The exact bytes that will be signed: canonical JSON of a statement. */
  readonly payload: Uint8Array<ArrayBuffer>;
  readonly keyPath: string;
  /** Sign without asking. */
  readonly yes: boolean;
}

/** Shows a document, asks, signs it with a key file and hands it in. Nothing is signed that was not shown. */
export async function signAndSubmit(invocation: Invocation, document: ToSign): Promise<TrustDocument> {
  const { terminal } = invocation;
  const api = await invocation.api();
  terminal.say(terminal.style.bold(printable(document.title)));
  terminal.say(readable(document.payload));
  if (!document.yes && !(await terminal.confirm('Sign this?')))
    throw new CastellanError({ code: 'not_signed', kind: 'invalid', publicDetail: 'Nothing was signed.' });
  const key = await readKeyFile(document.keyPath, invocation.passphrase);
  const accepted = await api.submitDocument(signDocument(document.payload, key));
  terminal.result(accepted, `Accepted: ${accepted.kind} ${accepted.digest}`);
  return accepted;
}

/** The very statement, indented; canonical JSON loses nothing by it. */
function readable(payload: Uint8Array): string {
  const statement: unknown = JSON.parse(new TextDecoder().decode(payload));
  return printable(JSON.stringify(statement, null, 2));
}
