import { Cursor } from '../format/byte-source.js';
import { readPickle } from '../format/pickle.js';
import { type Finding } from './finding.js';
import { type InspectedFile } from './inspected-file.js';

const SHOWN_IMPORTS = 8;

/** Pickles one after another, as some frameworks write them. Bytes after the last that are not a pickle are weights. */
export function* inspectPickle({ path, source }: Pick<InspectedFile, 'path' | 'source'>): Generator<Finding> {
  const imports = new Set<string>();
  let calls = 0;
  const cursor = new Cursor(source);
  let whole = 0;
  do {
    const pickle = readPickle(source, cursor);
    if (whole > 0 && !pickle.complete) break;
    pickle.imports.forEach((name) => imports.add(name));
    calls += pickle.calls;
    if (!pickle.complete) {
      yield {
        code: 'pickle_broken',
        severity: 'critical',
        path,
        detail: 'The pickle breaks off before its end.',
      };
      break;
    }
    whole += 1;
  } while (cursor.remaining > 0);
  if (imports.size > 0 || calls > 0)
    yield { code: 'pickle_code', severity: 'critical', path, detail: acts(imports, calls) };
  else if (whole > 0)
    yield {
      code: 'pickle_data',
      severity: 'info',
      path,
      detail: 'A pickle of plain data; it is never loaded.',
    };
}

function acts(imports: ReadonlySet<string>, calls: number): string {
  const names = [...imports];
  const shown = names.slice(0, SHOWN_IMPORTS).join(', ');
  const more = names.length > SHOWN_IMPORTS ? ` and ${names.length - SHOWN_IMPORTS} more` : '';
  return `Loading this pickle would import ${shown || 'nothing by name'}${more} and make ${calls} calls.`;
}
