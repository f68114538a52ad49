import { createHmac } from 'node:crypto';
import { arrivingObject } from './arriving-object.js';
import { checksumOf } from './checksums.js';

/* The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
const scope = '20130524/us-east-1/s3/aws4_request';
const seed = {
  signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  amzDate: '20130524T000000Z',
  scope,
  signingKey: scope
    .split('/')
    .reduce<Buffer>(
      (key, text) => createHmac('sha256', key).update(text).digest(),
      Buffer.from('AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
    ),
};
const plain = 'a'.repeat(66_560);
const chunks = [
  [
    '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    plain.slice(0, 65_536),
  ],
  [
    '400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    plain.slice(65_536),
  ],
  ['0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9', ''],
] as const;
const framed = chunks.map(([header, data]) => `${header}\r\n${data}\r\n`).join('');

async function* pieces(text: string, sizeBytes: number) {
  for (let at = 0; at < text.length; at += sizeBytes)
    yield Buffer.from(text.slice(at, at + sizeBytes), 'latin1');
}
const read = async (headers: Record<string, string>, text: string, sizeBytes = 1000, signature = seed) =>
  Buffer.concat(
    await Array.fromAsync(arrivingObject(headers, pieces(text, sizeBytes), signature).body),
  ).toString('latin1');
const signedChunks = {
  'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'x-amz-decoded-content-length': '66560',
};
const trailer = {
  'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'x-amz-decoded-content-length': '9',
  'x-amz-trailer': 'x-amz-checksum-crc32',
};
const withTrailer = (value: string) => `9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:${value}\r\n\r\n`;

describe('a body in aws-chunked', () => {
  it.each([1, 7, 1000, 70_000])('with signed chunks is read in pieces of %d bytes', async (sizeBytes) => {
    expect(await read(signedChunks, framed, sizeBytes)).toBe(plain);
  });

  it.each([
    ['a changed byte', framed.replace('aaa', 'aab'), 'object_signature_mismatch'],
    ['a chunk left out', framed.slice(framed.indexOf('400;')), 'object_signature_mismatch'],
    ['an unsigned chunk', framed.replace(/;chunk-signature=\w+/, ''), 'object_signature_mismatch'],
    ['an end that is missing', framed.slice(0, framed.indexOf('0;chunk-signature=b6')), 'object_malformed'],
    ['something behind its end', `${framed}x`, 'object_malformed'],
    ['a length that is none', framed.replace('400;', 'xyz;'), 'object_malformed'],
  ])('is refused for %s', async (_, text, code) => {
    await expect(read(signedChunks, text)).rejects.toMatchObject({ code });
  });

  it('is refused as signed without a signature to go on from, and for another length', async () => {
    const unsigned = async () => arrivingObject(signedChunks, pieces(framed, 1000), undefined);
    await expect(unsigned()).rejects.toMatchObject({ code: 'object_signature_mismatch' });
    const longer = { ...signedChunks, 'x-amz-decoded-content-length': '66561' };
    await expect(read(longer, framed)).rejects.toMatchObject({ code: 'object_incomplete' });
  });

  it('is held against the checksum in its trailer', async () => {
    expect(await read(trailer, withTrailer('y/Q5Jg=='))).toBe('123456789');
    await expect(read(trailer, withTrailer('y/Q5Jw=='))).rejects.toMatchObject({ code: 'object_differs' });
    const without = '9\r\n123456789\r\n0\r\n\r\n';
    await expect(read(trailer, without)).rejects.toMatchObject({ code: 'object_differs' });
  });
});

describe('checksumOf', () => {
  it.each([
    ['crc32', 'cbf43926'],
    ['crc32c', 'e3069283'],
    ['crc64nvme', 'ae8b14860a799888'],
    ['sha1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
    ['md5', '25f9e794323b453885f5181f1b624d0b'],
  ])('takes %s as its standard does, in pieces too', (name, hex) => {
    for (const parts of [['123456789'], ['1234', '56789']]) {
      const checksum = checksumOf(name);
      for (const part of parts) checksum?.update(Buffer.from(part));
      expect(Buffer.from(checksum?.base64() ?? '', 'base64').toString('hex')).toBe(hex);
    }
  });
});
