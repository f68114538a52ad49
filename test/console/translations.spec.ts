import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { en } from '../../apps/console/src/i18n/en/index.js';
import { zh } from '../../apps/console/src/i18n/zh/index.js';

const source = join(import.meta.dirname, '../../apps/console/src');

/** Every text of a language by its full key. */
function texts(tree: object, path: readonly string[] = []): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]: [string, unknown]): [string, string][] =>
      typeof value === 'object' && value !== null
        ? [...texts(value, [...path, key])]
        : [[[...path, key].join('.'), String(value)]],
    ),
  );
}

const PLURAL = /_(zero|one|two|few|many|other)$/;
const withoutPlural = (key: string) => key.replace(PLURAL, '');

/** The keys of one language as they must be, given which texts have plural forms in English. */
function expectedKeys(language: string): string[] {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const bases = new Set([...texts(en).keys()].map(withoutPlural));
  const plural = new Set([...texts(en).keys()].filter((key) => PLURAL.test(key)).map(withoutPlural));
  return [...bases]
    .flatMap((base) => (plural.has(base) ? forms.map((form) => `${base}_${form}`) : [base]))
    .sort();
}

const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

interface SourceFile {
  readonly name: string;
  readonly tree: ts.SourceFile;
}

function sources(): SourceFile[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('i18n'))
    .map((name) => {
      const text = readFileSync(join(source, name), 'utf8');
      return { name, tree: ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX) };
    });
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

describe('the translations', () => {
  it.each([
    ['en', en],
    ['zh', zh],
  ])('%s has every key, its own plural forms, and no other key', (language, tree) => {
    expect([...texts(tree).keys()].sort()).toEqual(expectedKeys(language));
  });

  it('use the same placeholders in both languages', () => {
    const chinese = texts(zh);
    for (const [key, text] of texts(en)) {
      const other = chinese.get(key) ?? chinese.get(`${withoutPlural(key)}_other`) ?? '';
      expect({ key, placeholders: placeholders(other) }).toEqual({ key, placeholders: placeholders(text) });
    }
  });

  it('leave nothing empty, and nothing in English that has a Chinese word', () => {
    const sameInBoth = new Set([
      'shell.product',
      'versions.sha256',
      'predict.json',
      'privacy.epsilon',
      'privacy.rho',
      'session.ofOrganization',
      'session.roleInProject',
      'review.quorumGiven',
    ]);
    for (const [key, text] of texts(zh)) {
      expect({ key, empty: text.trim() === '' }).toEqual({ key, empty: false });
      if (!sameInBoth.has(key))
        expect({ key, chinese: /[\u4e00-\u9fff]/.test(text) }).toEqual({ key, chinese: true });
    }
  });

  it('are all used', () => {
    const code = sources()
      .map(({ tree }) => tree.text)
      .join('\n');
    // Keys that are looked up by a name from the server or from a list: by their parent.
    const lookedUp = [...code.matchAll(/`([\w.]+)\.\$\{[^}]+\}(\.\w+)?`/g)].map(([, parent]) => `${parent}.`);
    const unused = [...new Set([...texts(en).keys()].map(withoutPlural))].filter(
      (key) => !code.includes(`'${key}'`) && !lookedUp.some((parent) => key.startsWith(parent)),
    );
    expect(unused).toEqual([]);
  });
});

describe('the pages', () => {
  const spoken = new Set([
    'label',
    'title',
    'placeholder',
    'description',
    'alt',
    'aria-label',
    'hint',
    'subtitle',
    'error',
    'name',
  ]);
  // Punctuation, arithmetic and what is written alike in every language.
  const wordless = (text: string) => !/\p{L}{2,}/u.test(text);

  it('hold no text of their own: every word comes from a translation', () => {
    const found: string[] = [];
    for (const { name, tree } of sources().filter((file) => file.name.endsWith('.tsx'))) {
      walk(tree, (node) => {
        if (ts.isJsxText(node) && !wordless(node.text)) found.push(`${name}: ${node.text.trim()}`);
        if (!ts.isJsxAttribute(node) || !spoken.has(node.name.getText())) return;
        const { initializer } = node;
        if (initializer === undefined || !ts.isStringLiteral(initializer) || wordless(initializer.text))
          return;
        const isIconName = node.parent.parent.getText().startsWith('<Icon ');
        if (!isIconName) found.push(`${name}: ${node.getText()}`);
      });
    }
    const commandsAndAddresses = /castellan people link|https:\/\/…\/sign-in#token=…/;
    expect(found.filter((text) => !commandsAndAddresses.test(text))).toEqual([]);
  });
});
