import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { layerOf, taggedSpecs, tagsOf } from './test/support/run/layers.js';
import { EndOfRun } from './test/support/run/reporter.js';

const MINUTE = 60_000;

export default defineConfig(({ mode }) => {
  const layer = layerOf(mode);
  return {
    test: {
      provide: { layer },
      tags: tagsOf(layer),
      reporters: ['default', new EndOfRun(layer)],
      // Modules are loaded once for the files of a worker: loading them takes more than most tests do.
      isolate: false,
      setupFiles: ['test/support/run/setup.ts'],
      // Limits that only something that hangs comes to, however busy the machine is.
      testTimeout: 5 * MINUTE,
      hookTimeout: 5 * MINUTE,
      expect: { poll: { timeout: MINUTE, interval: 25 } },
      projects: [
        { extends: true, test: { name: 'unit', include: ['src/**/*.spec.ts', 'examples/**/*.spec.ts'] } },
        {
          extends: true,
          test: {
            name: 'system',
            include: layer === 'rest' ? taggedSpecs() : ['test/**/*.spec.ts'],
            exclude: ['test/docker/**', 'test/cloudforet/**'],
            // Tests wait for processes more than they compute.
            maxWorkers: availableParallelism() + 2,
            sequence: { groupOrder: 1 },
          },
        },
        ...(mode !== 'cloudforet' && layer !== 'all'
          ? []
          : [
              {
                extends: true as const,
                test: {
                  name: 'cloudforet',
                  include: ['test/cloudforet/**/*.spec.ts'],
                  globalSetup: 'test/cloudforet/kit/setup.ts',
                  sequence: { groupOrder: 3 },
                },
              },
            ]),
        ...(layer !== 'all'
          ? []
          : [
              {
                extends: true as const,
                test: {
                  name: 'docker',
                  include: ['test/docker/**/*.spec.ts'],
                  globalSetup: 'test/docker/kit/setup.ts',
                  // They share one engine.
                  fileParallelism: false,
                  sequence: { groupOrder: 2 },
                },
              },
            ]),
      ],
    },
  };
});
