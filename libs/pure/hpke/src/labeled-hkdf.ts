import { createHmac } from 'node:crypto';

const VERSION_LABEL = Buffer.from('HPKE-v1');
const EMPTY = Buffer.alloc(0);
const HASH_BYTES = 32;

/**
 * HKDF-SHA256 with HPKE's domain separation (RFC 9180 section 4; HKDF is RFC 5869). node:crypto has Extract and
 * Expand only in one piece, while HPKE needs them apart.
 */
export class LabeledHkdf {
  constructor(private readonly suiteId: Uint8Array) {}

  extract(salt: Uint8Array, label: string, inputKeyMaterial: Uint8Array): Buffer {
    return hmac(salt, VERSION_LABEL, this.suiteId, Buffer.from(label), inputKeyMaterial);
  }

  expand(pseudoRandomKey: Uint8Array, label: string, info: Uint8Array, lengthBytes: number): Buffer {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(lengthBytes);
    const labeledInfo = Buffer.concat([length, VERSION_LABEL, this.suiteId, Buffer.from(label), info]);
    const blocks: Buffer[] = [];
    let block: Buffer = EMPTY;
    for (let counter = 1; blocks.length * HASH_BYTES < lengthBytes; counter++) {
      block = hmac(pseudoRandomKey, block, labeledInfo, Buffer.of(counter));
      blocks.push(block);
    }
    return Buffer.concat(blocks).subarray(0, lengthBytes);
  }
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}
