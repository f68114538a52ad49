/**
 * `npm run bench -- NAME [options]`. Progress goes to standard error; the last line of standard output is one JSON object
 * of figures. A figure that could not be taken is null, and standard error says why.
 */
import { audit } from './audit.js';
import { privacy } from './privacy.js';
import { vault } from './vault.js';

const benches: Readonly<Record<string, (args: readonly string[]) => Promise<object>>> = {
  audit,
  privacy,
  vault,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join(' | ')} [options]`);
  process.exitCode = 2;
} else {
  console.log(JSON.stringify(await bench(args)));
}
