/**
 * A thread behind RewrapThreads. In: `{ id, from, to, info, keys: [{ aad, wrapped }] }`. Out: `{ id, rewrapped }`, one for
 * each key: bytes, or undefined where it did not open. Plain data keys live for one statement.
 *
 * Plain JavaScript, because a thread starts from a file, whatever compiles the rest.
 */
import { parentPort } from 'node:worker_threads';
import { open, sealTo } from '@castellan/hpke';

const ENC_BYTES = 32;

function rewrap({ from, to, info }, { aad, wrapped }) {
  let raw;
  try {
    raw = open(from, wrapped.subarray(0, ENC_BYTES), info, aad, wrapped.subarray(ENC_BYTES));
  } catch (error) {
    if (error?.code === 'hpke_open_failed') return undefined;
    throw error;
  }
  const { enc, ciphertext } = sealTo(to, info, aad, raw);
  raw.fill(0);
  const rewrapped = new Uint8Array(enc.length + ciphertext.length);
  rewrapped.set(enc);
  rewrapped.set(ciphertext, enc.length);
  return rewrapped;
}

parentPort.on('message', ({ id, keys, ...ends }) => {
  parentPort.postMessage({ id, rewrapped: keys.map((key) => rewrap(ends, key)) });
});
