import { createHash } from 'node:crypto';
import { Manifest } from '@castellan/contracts';
import fc from 'fast-check';
import { sealManifest, type ManifestFacts } from './manifest.js';

const facts = (files: ManifestFacts['files'], author = 'ada'): ManifestFacts => ({
  organization: 'castellan',
  project: 'default',
  model: 'digits',
  number: 1,
  author,
  createdAt: new Date('2026-11-23T10:00:00Z'),
  files,
});
const file = (path: string, content = path) => ({
  path,
  sizeBytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
});

describe('a sealed manifest', () => {
  it('has one digest for one set of files, whatever order they came in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-zA-Z0-9/._-]{1,20}$/), { minLength: 1 }), (paths) => {
        const files = paths.map((path) => file(path));
        const forward = sealManifest(facts(files));
        const backward = sealManifest(facts(files.toReversed()));
        expect(backward).toEqual(forward);
        expect(forward.digest).toBe(createHash('sha256').update(forward.text).digest('hex'));
      }),
    );
  });

  it('changes its digest with a byte of a file, a path, the author or the number', () => {
    const original = sealManifest(facts([file('model.h5', 'weights')])).digest;
    expect(sealManifest(facts([file('model.h5', 'weightz')])).digest).not.toBe(original);
    expect(sealManifest(facts([{ ...file('model.h5', 'weights'), path: 'other.h5' }])).digest).not.toBe(
      original,
    );
    expect(sealManifest(facts([file('model.h5', 'weights')], 'mallory')).digest).not.toBe(original);
    expect(sealManifest({ ...facts([file('model.h5', 'weights')]), number: 2 }).digest).not.toBe(original);
  });

  it('is what the contract says, and pinned', () => {
    const sealed = sealManifest(facts([file('b'), file('a')]));
    expect(Manifest.parse(JSON.parse(sealed.text)).files.map(({ path }) => path)).toEqual(['a', 'b']);
    expect(sealed.text).toBe(
      '{"author":"ada","createdAt":"2026-11-23T10:00:00.000Z","files":[' +
        '{"path":"a","sha256":"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb","sizeBytes":1},' +
        '{"path":"b","sha256":"3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d","sizeBytes":1}' +
        '],"format":"castellan.manifest/v1","model":"digits","number":1,"organization":"castellan","project":"default"}',
    );
  });
});
