import { defineConfig } from 'vitest/config';

/** The tests that StrykerJS runs for each mutant: those that call the code in their own process, since a program started from dist has no mutants. */
export default defineConfig({
  test: {
    include: ['src/**/*.spec.ts'],
    // What a function does is held by tests of its own. Those of whole rooms would run for each of its mutants.
    exclude: ['src/{auth,config,plugin,server}/**', 'src/agent/drivers/**', 'src/agent/reconciler.spec.ts'],
    // A mutant counts as caught when a test fails: a slow machine must not look like that. StrykerJS has a limit for endless loops.
    testTimeout: 120_000,
  },
});
