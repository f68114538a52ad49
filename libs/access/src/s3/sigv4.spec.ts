import { presentedSignature } from './presented-signature.js';
import { verifySignature } from './sigv4.js';

/* Examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and sigv4-streaming.html */
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const NOW = new Date('2013-05-24T00:00:00Z');
const SIGNED = {
  get: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  chunked: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
};

function signed(method: string, url: string, headers: Record<string, string>, signature: string) {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const authorization =
    `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,` +
    `SignedHeaders=${names.toSorted().join(';')},Signature=${signature}`;
  return { method, url, rawHeaders: [...Object.entries(headers).flat(), 'Authorization', authorization] };
}

const get = (changes: Record<string, string> = {}, url = '/test.txt', signature = SIGNED.get) => {
  const headers = {
    Host: 'examplebucket.s3.amazonaws.com',
    Range: 'bytes=0-9',
    'x-amz-content-sha256': EMPTY,
    'x-amz-date': '20130524T000000Z',
  };
  return signed('GET', url, { ...headers, ...changes }, signature);
};
const verified = (request: ReturnType<typeof get>, secret = SECRET, now = NOW) =>
  verifySignature(request, presentedSignature(request), secret, now);
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

describe('verifySignature', () => {
  it('takes what AWS signs in its examples', () => {
    expect(verified(get()).signature).toBe(SIGNED.get);
    const put = signed(
      'PUT',
      '/examplebucket/chunkObject.txt',
      {
        Host: 's3.amazonaws.com',
        'x-amz-date': '20130524T000000Z',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
        'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        'Content-Encoding': 'aws-chunked',
        'x-amz-decoded-content-length': '66560',
        'Content-Length': '66824',
      },
      SIGNED.chunked,
    );
    expect(verified(put).signature).toBe(SIGNED.chunked);
  });

  it.each([
    ['another secret', get(), `${SECRET}x`],
    ['another path', get({}, '/test.txu'), SECRET],
    ['a query that was added', get({}, '/test.txt?uploads'), SECRET],
    ['another header', get({ Range: 'bytes=0-99' }), SECRET],
    ['another body', get({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }), SECRET],
    ['another signature', get({}, '/test.txt', SIGNED.chunked), SECRET],
    ['a path that is not one', get({}, '/%zz'), SECRET],
  ])('refuses %s', (_, request, secret) => {
    expect(() => verified(request, secret)).toThrow('signature_mismatch');
  });

  it('refuses what was signed more than a quarter of an hour ago, or ahead', () => {
    expect(verified(get(), SECRET, later(15)).signature).toBe(SIGNED.get);
    for (const minutes of [15.1, -15.1])
      expect(() => verified(get(), SECRET, later(minutes))).toThrow('request_time_skewed');
  });
});

describe('presentedSignature', () => {
  const withHeader = (name: string, value: string) => {
    const { rawHeaders, ...request } = get();
    return { ...request, rawHeaders: [...rawHeaders, name, value] };
  };
  it.each([
    ['a header of S3 that is not signed', withHeader('x-amz-copy-source', '/other/key')],
    ['another day', get({ 'x-amz-date': '20130525T000000Z' })],
    ['a moment that is none', get({ 'x-amz-date': '20130524T250000Z' })],
    ['a second Authorization', withHeader('authorization', 'Bearer cst_x')],
    ['half a signature', get({}, '/test.txt', SIGNED.get.slice(2))],
  ])('refuses %s', (_, request) => {
    expect(() => presentedSignature(request)).toThrow('signature_malformed');
  });
});
