import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyVariable } from '../support/env-example.js';

describe('.env.example', () => {
  it('is fresh (npm run env:example)', () => {
    expect(readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8')).toBe(everyVariable);
  });
});
