import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export function fixturePath(relative: string): string {
  return fileURLToPath(new URL(`../fixtures/${relative}`, import.meta.url));
}

export async function fixture(relative: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(fixturePath(relative)));
}

const DigitsExpectations = z.object({ inputs: z.array(z.array(z.number())) });

/** Pictures of digits, 64 grey values each. */
export async function digitImages(): Promise<number[][]> {
  return DigitsExpectations.parse(JSON.parse(await readFile(fixturePath('digits/expected.json'), 'utf8')))
    .inputs;
}
