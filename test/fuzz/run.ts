import fc from 'fast-check';
import { neverOpensToAnythingElse } from '../../libs/pure/sealed-stream/src/testing/fuzz.js';

/**
 * `npm run fuzz -- NAME [SECONDS]`: tries to refute a property with ever new inputs, without end unless SECONDS are given. A
 * counterexample ends it with 1 and is printed with the seed that makes it again; Ctrl-C ends it with 0.
 */
const properties: Readonly<Record<string, fc.IAsyncProperty<unknown>>> = {
  'sealed-stream': neverOpensToAnythingElse as fc.IAsyncProperty<unknown>,
};
const RUNS_A_ROUND = 50;
const REPORT_MS = 10_000;

const [name = '', seconds = 'Infinity', ...rest] = process.argv.slice(2);
const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
if (property === undefined || !(Number(seconds) > 0) || rest.length > 0) {
  console.error(`usage: npm run fuzz -- ${Object.keys(properties).join(' | ')} [SECONDS]`);
  process.exitCode = 2;
} else {
  await fuzz(property, Number(seconds) * 1000);
}

async function fuzz(refuted: fc.IAsyncProperty<unknown>, limitMs: number): Promise<void> {
  const started = performance.now();
  let stopping = false;
  process.once('SIGINT', () => (stopping = true));
  let runs = 0;
  for (let reportedMs = 0; !stopping && performance.now() - started < limitMs;) {
    const result = await fc.check(refuted, { numRuns: RUNS_A_ROUND });
    runs += result.numRuns;
    if (result.failed) {
      console.error(fc.defaultReportMessage(result));
      process.exitCode = 1;
      return;
    }
    const elapsedMs = performance.now() - started;
    if (elapsedMs - reportedMs < REPORT_MS) continue;
    reportedMs = elapsedMs;
    console.error(`${runs} inputs in ${Math.round(elapsedMs / 1000)} s, none refutes it`);
  }
  console.log(JSON.stringify({ name, runs, refuted: false }));
}
