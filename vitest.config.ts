import { defineConfig } from 'vitest/config';

/** They start few processes, and ask for no times. */
const sideBySide = ['embedded-mongo', 'query', 'registry'].map((room) => `test/${room}/**/*.spec.ts`);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.spec.ts', 'examples/**/*.spec.ts'] } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.spec.ts'],
          exclude: ['test/docker/**', ...sideBySide],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Each of these starts real processes: side by side they would measure each other.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'side by side',
          include: sideBySide,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'docker',
          include: ['test/docker/**/*.spec.ts'],
          globalSetup: 'test/docker/kit/setup.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
