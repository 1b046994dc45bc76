import { defineConfig } from 'vitest/config';

const FUZZ = 'src/**/*.fuzz.test.ts';

export default defineConfig({
  test: {
    // Vitest leaves a core for its user, which on two cores is half of the machine.
    maxWorkers: '100%',
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts', 'src/**/*.suite.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/architecture/**/*.test.ts'],
          exclude: [FUZZ],
          // No test sees another's module state, so the files of a worker share modules; loading them anew for each takes as long as the tests.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      { test: { name: 'fuzz', include: [FUZZ], testTimeout: 60_000 } },
      { test: { name: 'docs', include: ['test/docs/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/targets/**/*.test.ts'],
          globalSetup: ['test/integration/global-setup.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
