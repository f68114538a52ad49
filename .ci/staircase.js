/**
 * The staircase: a package imports only from stairs below its own, and only through the other package's name.
 * `serving` and `privacy` share a stair and never import each other. Kept in one place; ARCHITECTURE.md explains it.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const root = resolve(import.meta.dirname, '..');

const stairs = [
  ['libs/pure/errors'],
  [
    'libs/pure/canonical-json',
    'libs/pure/hpke',
    'libs/pure/merkle-log',
    'libs/pure/signed-note',
    'libs/pure/pki',
    'libs/pure/tensors',
    'libs/pure/differential-privacy',
    'libs/pure/sealed-stream',
  ],
  ['libs/pure/dsse'],
  ['libs/pure/approval-policy'],
  ['libs/contracts'],
  ['libs/platform/config', 'libs/engines/engine'],
  ['libs/engines/keras', 'libs/engines/onnx'],
  ['libs/platform/database', 'libs/platform/kms', 'libs/platform/blob-store'],
  ['libs/platform/http', 'libs/platform/queue'],
  ['libs/platform/keybroker-client', 'libs/platform/telemetry'],
  ['libs/audit'],
  ['libs/access'],
  ['libs/vault'],
  ['libs/registry'],
  ['libs/serving', 'libs/privacy'],
  ['libs/compliance'],
  ['apps/api', 'apps/keybroker', 'apps/gateway', 'apps/worker', 'apps/jobs', 'apps/cli', 'apps/console'],
];

const heightOf = new Map(stairs.flatMap((step, height) => step.map((folder) => [folder, height])));
/** Every package on the staircase, by folder. */
export const packageFolders = [...heightOf.keys()];

const folderOfName = new Map(
  packageFolders.map((folder) => [
    JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).name,
    folder,
  ]),
);

function packageOf(file) {
  const path = relative(root, file).split(sep).join('/');
  return [...heightOf.keys()].find((folder) => path.startsWith(`${folder}/`));
}

/** Why `from` may not import `specifier`, or undefined when it may. */
export function violation(file, specifier) {
  const from = packageOf(file);
  if (from === undefined) return undefined;
  if (specifier.startsWith('.')) {
    const path = resolve(dirname(file), specifier);
    const isSupport = file.endsWith('.spec.ts') && path.startsWith(join(root, 'test/support/'));
    return packageOf(path) === from || isSupport
      ? undefined
      : `Import other packages by name, not by path (${specifier}).`;
  }
  if (!specifier.startsWith('@castellan/')) return undefined;
  const name = specifier.split('/').slice(0, 2).join('/');
  // `/web` is a package's second index: the part of it that runs in a browser.
  // `/testing` holds what only specs may have, such as randomness that repeats itself.
  const forSpecs = /\.spec\.tsx?$|\/src\/testing\//.test(file) && specifier === `${name}/testing`;
  if (specifier !== name && specifier !== `${name}/web` && !forSpecs)
    return `Import ${name} only through its index.`;
  const to = folderOfName.get(name);
  if (to === undefined) return `${name} is not on the staircase (.ci/staircase.js).`;
  if (to === from) return `A package does not import itself by name.`;
  return heightOf.get(to) < heightOf.get(from)
    ? undefined
    : `${from} may not import ${to}: it is not on a stair below.`;
}

export const staircase = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const check = (node) => {
      if (node.source == null) return;
      const message = violation(context.filename, String(node.source.value));
      if (message !== undefined) context.report({ node: node.source, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: (node) => {
        if (node.source.type === 'Literal') check(node);
      },
    };
  },
};
