import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';

const VERSION_LABEL = Buffer.from('HPKE-v1');
/* Keys go in as KeyObjects throughout: node:crypto takes those many times faster than bytes. */
const NO_SALT = createSecretKey(Buffer.alloc(0));

/** HKDF-SHA256 with HPKE's domain separation (RFC 9180 section 4; HKDF is RFC 5869). */
export class LabeledHkdf {
  constructor(private readonly suiteId: Uint8Array) {}

  /** LabeledExtract without salt, where its result is wanted by itself. */
  extract(label: string, inputKeyMaterial: Uint8Array): Buffer {
    const mac = createHmac('sha256', NO_SALT);
    return mac.update(this.#labeledInput(label, inputKeyMaterial)).digest();
  }

  /** LabeledExtract, and LabeledExpand of what it gives. */
  derive(
    from: { readonly salt: Uint8Array; readonly label: string; readonly inputKeyMaterial: Uint8Array },
    label: string,
    info: Uint8Array,
    lengthBytes: number,
  ): Buffer {
    const input = this.#labeledInput(from.label, from.inputKeyMaterial);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(lengthBytes);
    const labeledInfo = Buffer.concat([length, VERSION_LABEL, this.suiteId, Buffer.from(label), info]);
    const derived = hkdfSync('sha256', createSecretKey(input), from.salt, labeledInfo, lengthBytes);
    input.fill(0);
    return Buffer.from(derived);
  }

  #labeledInput(label: string, inputKeyMaterial: Uint8Array): Buffer {
    return Buffer.concat([VERSION_LABEL, this.suiteId, Buffer.from(label), inputKeyMaterial]);
  }
}
