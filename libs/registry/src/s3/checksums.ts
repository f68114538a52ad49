import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A running checksum, as S3 clients send it: base64 of its bytes, the most significant first. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  base64(): string;
}

/** By the end of the header's name: `x-amz-checksum-<name>`. All that S3 has. */
export function checksumOf(name: string): Checksum | undefined {
  switch (name) {
    case 'crc32':
      return new Crc32();
    case 'crc32c':
      return new Crc32c();
    case 'crc64nvme':
      return new Crc64Nvme();
    case 'sha1':
    case 'sha256':
    case 'md5':
      return hashed(name);
    default:
      return undefined;
  }
}

function hashed(name: string): Checksum {
  const hash = createHash(name);
  return { update: (bytes) => void hash.update(bytes), base64: () => hash.digest('base64') };
}

class Crc32 implements Checksum {
  #state = 0;

  update(bytes: Uint8Array): void {
    this.#state = crc32(bytes, this.#state);
  }

  base64(): string {
    return bigEndian(this.#state);
  }
}

const CASTAGNOLI = Uint32Array.from({ length: 256 }, (_, index) => {
  let rest = index;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0x82f6_3b78 : rest >>> 1;
  return rest;
});

/** Castagnoli's polynomial, reflected (RFC 3720). */
class Crc32c implements Checksum {
  #state = 0xffff_ffff;

  update(bytes: Uint8Array): void {
    let state = this.#state;
    for (const byte of bytes) state = (state >>> 8) ^ (CASTAGNOLI[(state ^ byte) & 0xff] ?? 0);
    this.#state = state;
  }

  base64(): string {
    return bigEndian(~this.#state >>> 0);
  }
}

/** Table of 64-bit words in halves: numbers are many times as fast as BigInt. */
const NVME_HIGH = new Uint32Array(256);
const NVME_LOW = new Uint32Array(256);
for (let index = 0; index < 256; index++) {
  let rest = BigInt(index);
  for (let bit = 0; bit < 8; bit++) rest = rest & 1n ? (rest >> 1n) ^ 0x9a6c_9329_ac4b_c9b5n : rest >> 1n;
  NVME_HIGH[index] = Number(rest >> 32n);
  NVME_LOW[index] = Number(rest & 0xffff_ffffn);
}

/** CRC-64/NVME, reflected (NVM Express, NVM Command Set 1.0, 5.2.1.3.4). */
class Crc64Nvme implements Checksum {
  #high = 0xffff_ffff;
  #low = 0xffff_ffff;

  update(bytes: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    for (const byte of bytes) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (NVME_LOW[index] ?? 0);
      high = (high >>> 8) ^ (NVME_HIGH[index] ?? 0);
    }
    this.#high = high;
    this.#low = low;
  }

  base64(): string {
    return bigEndian(~this.#high >>> 0, ~this.#low >>> 0);
  }
}

function bigEndian(...words: readonly number[]): string {
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, at) => bytes.writeUInt32BE(word, at * 4));
  return bytes.toString('base64');
}
