export default {
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  transform: {},
  runtime: '<rootDir>/test/support/jest/runtime.js',
  testEnvironment: '<rootDir>/test/support/jest/environment.js',
  globalSetup: '<rootDir>/test/support/jest/keep-database.js',
  globalTeardown: '<rootDir>/test/support/jest/stop-database.js',
  testSequencer: '<rootDir>/test/support/jest/longest-first.js',
  modulePathIgnorePatterns: ['/dist/'],
  // A wait that finds nothing says what it waited for, before Jest gives up.
  testTimeout: 180_000,
  // Suites mostly wait for databases, processes and browsers: more of them than cores keeps the cores busy.
  maxWorkers: 3,
};
