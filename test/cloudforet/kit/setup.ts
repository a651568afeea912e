import type { TestProject } from 'vitest/node';
import { type PythonEnvironment, pythonEnvironment } from './python-environment.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Undefined where there is no Python here, or no PyPI. */
    cloudforet: PythonEnvironment | undefined;
  }
}

/** Installs Cloudforet's own packages. */
export default async function setup(project: TestProject): Promise<void> {
  const environment = await pythonEnvironment();
  const missing = typeof environment === 'string';
  if (missing) process.stdout.write(`skipped: everything with Cloudforet's own client (${environment})\n`);
  project.provide('cloudforet', missing ? undefined : environment);
}
