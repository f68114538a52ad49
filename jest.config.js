/** Native ESM: npm test sets NODE_OPTIONS=--experimental-vm-modules. */
export default {
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['castellan-source', 'node', 'node-addons'] },
  modulePathIgnorePatterns: ['/dist/'],
  testSequencer: '<rootDir>/test/support/longest-first.js',
  testTimeout: 60_000,
  // Suites mostly wait for databases, processes and browsers: more of them than cores keeps the cores busy.
  maxWorkers: 3,
};
