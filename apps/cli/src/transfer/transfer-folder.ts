import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CastellanError } from '@castellan/errors';
import type { z } from 'zod';

/** A courier's folder (libs/registry/VERSION-TRANSFER.md). Nothing in it is secret, and nothing of it is believed unread. */
export class TransferFolder {
  constructor(readonly path: string) {}

  blob(versionId: string, turn: number): string {
    return join(this.path, 'blobs', versionId, String(turn));
  }

  version(versionDigest: string): string {
    return join(this.path, 'versions', `${versionDigest}.json`);
  }

  evidence(versionDigest: string): string {
    return join(this.path, 'evidence', `${versionDigest}.tar`);
  }

  get index(): string {
    return join(this.path, 'transfer.json');
  }
}

/** Whole or not at all. Resolves with its SHA-256. */
export async function writeJson(file: string, value: unknown): Promise<string> {
  const text = `${JSON.stringify(value, null, 1)}\n`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.part`, text);
  await rename(`${file}.part`, file);
  return createHash('sha256').update(text).digest('hex');
}

/** @throws transfer_differs when it isn't the file of this digest, or isn't there */
export async function readJson<S extends z.ZodType>(
  schema: S,
  file: string,
  sha256: string,
): Promise<z.infer<S>> {
  const text = await readFile(file).catch((cause: unknown) => {
    throw differs(`${file} can't be read.`, cause);
  });
  if (createHash('sha256').update(text).digest('hex') !== sha256)
    throw differs(`${file} is not the one of the digest ${sha256}.`);
  const read = schema.safeParse(JSON.parse(text.toString()));
  if (!read.success) throw differs(`${file} is not what this release can read.`, read.error);
  return read.data;
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(file)) hash.update(bytes);
  return hash.digest('hex');
}

/** Absent: there is none. */
export async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.size;
}

export function differs(publicDetail: string, cause?: unknown): CastellanError {
  return new CastellanError({ code: 'transfer_differs', kind: 'invalid', publicDetail, cause });
}
