import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ProjectRootPackage, Sha256 } from '@castellan/contracts';
import { generateKeyPair, importPrivateKey } from '@castellan/hpke';
import { readRecipientCertificate, requireValidAt } from '@castellan/pki';
import { z } from 'zod';
import { openProjectRoot, readProjectRoot, requireSender } from './project-root.js';

const Vector = z.object({
  package: ProjectRootPackage,
  sender: Sha256,
  certificate: z.string(),
  privateKey: z.string(),
  privateKeys: z.array(z.string()),
  destroyed: z.array(z.string()),
});
const file = join(import.meta.dirname, '../../vectors/project-root-v1.json');
const vector = Vector.parse(JSON.parse(readFileSync(file, 'utf8')));
const privateKey = importPrivateKey(Buffer.from(vector.privateKey, 'hex'));
const read = () => readProjectRoot(vector.package);

describe('a project’s keys, sealed to a certificate', () => {
  it('open as the specification says', () => {
    requireSender(read(), vector.sender);
    expect(read().header.recipient).toBe(readRecipientCertificate(vector.certificate).sha256);
    const { privateKeys, destroyed } = openProjectRoot(read(), privateKey);
    expect(privateKeys.map((raw) => raw.toString('hex'))).toEqual(vector.privateKeys);
    expect(destroyed).toEqual(vector.destroyed);
  });

  it('open with no other key', () => {
    const unopened = expect.objectContaining({ code: 'root_package_unopened', kind: 'forbidden' });
    expect(() => openProjectRoot(read(), generateKeyPair().privateKey)).toThrow(unopened);
  });

  it('are not believed, and do not open, with any byte of what is sealed changed', () => {
    const untrusted = expect.objectContaining({ code: 'root_package_untrusted' });
    const unopened = expect.objectContaining({ code: 'root_package_unopened' });
    for (const part of ['enc', 'ciphertext'] as const) {
      const bytes = Buffer.from(vector.package[part], 'base64');
      for (let at = 0; at < bytes.length; at += part === 'enc' ? 1 : 7) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 0x04;
        const altered = readProjectRoot({ ...vector.package, [part]: changed.toString('base64') });
        expect(() => requireSender(altered, vector.sender)).toThrow(untrusted);
        expect(() => openProjectRoot(altered, privateKey)).toThrow(unopened);
      }
    }
    const renamed = readProjectRoot({
      ...vector.package,
      header: vector.package.header.replace('vision', 'x'),
    });
    expect(() => requireSender(renamed, vector.sender)).toThrow(untrusted);
    expect(() => openProjectRoot(renamed, privateKey)).toThrow(unopened);
  });

  it('are sealed to a certificate that ends', () => {
    const certificate = readRecipientCertificate(vector.certificate);
    requireValidAt(certificate, new Date('2030-01-01T00:00:00Z'));
    for (const outside of ['2026-11-23T00:00:00Z', '2040-01-01T00:00:00Z'])
      expect(() => requireValidAt(certificate, new Date(outside))).toThrow('valid from');
  });
});
