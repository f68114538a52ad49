import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formatLogProof,
  leafHash,
  MerkleError,
  parseLogProof,
  proveInclusion,
  rootOf,
  verifyLogProof,
} from './index.js';
import { MemoryTiles, numberedEntries } from './testing/memory-tiles.js';

function refusal(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof MerkleError) return error.code;
    throw error;
  }
  return undefined;
}

const HASH = 'gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=';
// The example of C2SP tlog-proof, its signatures (elided there) shortened.
const EXAMPLE = `c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
index 73894
${HASH}
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

— example.com/fancylog hI2DJw==
`;

describe('a log proof', () => {
  it('keeps the lines of the specification, and the checkpoint verbatim', () => {
    const proof = parseLogProof(EXAMPLE);
    expect(proof).toMatchObject({ index: 73894 });
    expect(proof.hashes).toHaveLength(2);
    expect(Buffer.from(proof.extra ?? []).toString()).toContain('age-v1.2.1-darwin-arm64');
    expect(proof.checkpoint).toBe(EXAMPLE.slice(EXAMPLE.indexOf('example.com')));
    expect(formatLogProof(proof)).toBe(EXAMPLE);
  });

  it.each([
    ['nothing', ''],
    ['another version', EXAMPLE.replace('@v1', '@v2')],
    ['no checkpoint', EXAMPLE.slice(0, EXAMPLE.indexOf('\n\n'))],
    ['no index', EXAMPLE.replace('index 73894\n', '')],
    ['an index with a leading zero', EXAMPLE.replace('73894', '073894')],
    ['a negative index', EXAMPLE.replace('73894', '-1')],
    ['an index of 2^53', EXAMPLE.replace('73894', '9007199254740992')],
    ['extra after the index', EXAMPLE.replace(/(extra .*\n)(index .*\n)/, '$2$1')],
    ['a short hash', EXAMPLE.replace(HASH, 'AAAA')],
    ['a hash without padding', EXAMPLE.replace(HASH, HASH.slice(0, -1))],
    ['windows line ends', EXAMPLE.replaceAll('\n', '\r\n')],
    ['54 hashes', EXAMPLE.replace(HASH, `${HASH}\n`.repeat(53).trim())],
  ])('is refused with %s', (_, text) => {
    expect(refusal(() => parseLogProof(text))).toBe('log_proof_malformed');
  });

  it('shows its entry under the checkpoint, and no other entry, index or size', async () => {
    const entries = numberedEntries(300);
    const log = await MemoryTiles.of(entries);
    const root = rootOf(entries.map(leafHash));
    const open = (): { size: number; root: Uint8Array } => ({ size: 300, root });
    const entry = Buffer.from('entry 123');
    const hashes = await proveInclusion(123, 300, log.read);
    const text = formatLogProof({ index: 123, hashes, checkpoint: 'a checkpoint\n' });
    expect(verifyLogProof(text, entry, open)).toEqual({ index: 123, size: 300, root });
    expect(refusal(() => verifyLogProof(text, Buffer.from('entry 124'), open))).toBe('root_mismatch');
    expect(refusal(() => verifyLogProof(text.replace('123', '122'), entry, open))).toBe('root_mismatch');
    expect(refusal(() => verifyLogProof(text, entry, () => ({ size: 100, root })))).toBe(
      'tree_position_invalid',
    );
    expect(refusal(() => verifyLogProof(text, entry, () => ({ size: 3000, root })))).toBe(
      'proof_length_invalid',
    );
  });

  it('lets the refusal of the checkpoint through', () => {
    const refuse = (): never => {
      throw new RangeError('not signed');
    };
    expect(() => verifyLogProof(EXAMPLE, new Uint8Array(), refuse)).toThrow('not signed');
  });

  it('never raises anything but a MerkleError, whatever the text', () => {
    const text = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('\n', 'extra ', 'index ', ...EXAMPLE.split('\n')),
      ),
    );
    fc.assert(
      fc.property(text, (parts) => {
        refusal(() => parseLogProof(parts.join('\n')));
      }),
    );
  });
});
