import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { packageFolders, violation } from '../../.ci/staircase.js';

const root = resolve(import.meta.dirname, '../..');

function* sources(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    if (name === 'node_modules' || name === 'dist' || name === 'generated') continue;
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* sources(path);
    else if (/\.tsx?$/.test(name)) yield path;
  }
}

function foldersWithPackage(folder: string): string[] {
  if (existsSync(join(folder, 'package.json'))) return [relative(root, folder)];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => foldersWithPackage(join(folder, entry.name)));
}

const packages = ['libs', 'apps'].flatMap((folder) => foldersWithPackage(join(root, folder)));

describe('the house', () => {
  it('has every package on the staircase, and nothing else', () => {
    expect([...packageFolders].toSorted()).toEqual(packages.toSorted());
  });

  it.each(packages)('%s has a README of its own', (folder) => {
    expect(existsSync(join(root, folder, 'README.md'))).toBe(true);
  });

  it('imports only downstairs', () => {
    const found = packages
      .flatMap((folder) => [...sources(join(root, folder, 'src'))])
      .flatMap((file) =>
        [...readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'([^']+)'/g)].flatMap(
          ([, specifier = '']) => {
            const why = violation(file, specifier);
            return why === undefined ? [] : [`${relative(root, file)}: ${why}`];
          },
        ),
      );
    expect(found).toEqual([]);
  });

  it('keeps the pure libs free of I/O, clocks and frameworks', () => {
    const forbidden =
      /from '(node:(fs|net|http|https|child_process|worker_threads|dns|tls)[^']*|@nestjs\/[^']*|undici|pg)'|\bDate\.now\(\)|\bnew Date\(\)|\bMath\.random\(/;
    const found = [...sources(join(root, 'libs/pure'))]
      .filter((file) => !file.endsWith('.spec.ts') && !file.includes('/testing/'))
      .filter((file) => forbidden.test(readFileSync(file, 'utf8')));
    expect(found).toEqual([]);
  });

  it('reads the environment only in configuration slices', () => {
    const found = packages
      .flatMap((folder) => [...sources(join(root, folder, 'src'))])
      .filter((file) => !/\.config\.ts$|\.spec\.tsx?$/.test(file))
      .filter((file) => /\bprocess\.env\b/.test(readFileSync(file, 'utf8')));
    expect(found).toEqual([]);
  });

  it('throws HTTP exceptions nowhere: errors have kinds, and one filter maps them', () => {
    const found = packages
      .flatMap((folder) => [...sources(join(root, folder, 'src'))])
      .filter((file) => !file.includes('/platform/http/'))
      .filter((file) => {
        const text = readFileSync(file, 'utf8');
        // Other libraries have errors of these names too: AWS calls a missing key so.
        return (
          /from '@nestjs\//.test(text) &&
          /\b(HttpException|NotFoundException|BadRequestException|ForbiddenException)\b/.test(text)
        );
      });
    expect(found).toEqual([]);
  });

  it('updates and deletes sequenced leaves nowhere, but for the payloads that expire', () => {
    const found = packages
      .flatMap((folder) => [...sources(join(root, folder, 'src'))])
      .filter((file) => !/\.spec\.ts$|\/testing\/|\/demo\//.test(file))
      .filter((file) =>
        /auditEntry\.(update|delete|upsert)|(UPDATE|DELETE FROM) "AuditEntry"/.test(
          readFileSync(file, 'utf8'),
        ),
      );
    expect(found).toEqual([join(root, 'libs/audit/src/retention/expire-payloads.ts')]);
  });
});
