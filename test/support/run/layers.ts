import { readdirSync, readFileSync } from 'node:fs';

/**
 * `test` is npm test, `all` is npm run test:all. `rest` is what `all` adds to `test`, without Docker: .ci/run runs `test`
 * and `rest`, and so nothing twice.
 */
export type Layer = 'test' | 'all' | 'rest';

declare module 'vitest' {
  interface ProvidedContext {
    readonly layer: Layer;
  }
  interface TestTags {
    tag: 'sized' | 'all';
  }
  interface TaskMeta {
    /** Processor time in seconds that a file took, with the processes that it started and waited for. */
    cpu?: number;
  }
}

/** The layer that `vitest --mode` names. */
export function layerOf(mode: string): Layer {
  return mode === 'all' || mode === 'rest' ? mode : 'test';
}

/** The tags that set tests of `test:all` apart. */
export function tagsOf(layer: Layer) {
  return [
    { name: 'sized' as const, description: 'does more in npm run test:all' },
    { name: 'all' as const, description: 'runs only in npm run test:all', ...(layer === 'test' && { skip: true }) },
  ];
}

/** Files of tests that have such a tag. */
export function taggedSpecs(): string[] {
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .map((name) => `test/${name}`)
    .filter((name) => name.endsWith('.spec.ts') && /tags: \['(all|sized)'\]/.test(readFileSync(name, 'utf8')));
}
