// npm run env:example
import { writeFileSync } from 'node:fs';
import { everyVariable } from './env-example.js';

writeFileSync(new URL('../../.env.example', import.meta.url), everyVariable);
