import Sequencer from '@jest/test-sequencer';

/** What starts whole processes and browsers, or draws millions of samples: one of these begun last keeps everybody waiting. */
const LONG = [
  '/test/chaos/',
  '/test/e2e/',
  '/test/console/',
  'privacy-audit.spec',
  'embedded-postgres.spec',
  '/training/',
];

const rank = ({ path }) => {
  const at = LONG.findIndex((part) => path.includes(part));
  return at < 0 ? LONG.length : at;
};

export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
}
