import { afterAll, beforeEach, vi } from 'vitest';
import { cpuSeconds } from './cpu.js';
import { forgetLogs, logsSince } from './logs.js';

// A worker process that runs several files one after the other tells each its part.
const worker = globalThis as { cpuBefore?: number };

// It is the first hook of all, and so runs after those of the file.
afterAll(({}, { file }) => {
  const now = cpuSeconds();
  file.meta.cpu = now - (worker.cpuBefore ?? 0);
  worker.cpuBefore = now;
  forgetLogs();
  // The next file finds nothing of this one in its place.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

beforeEach(({ onTestFailed }) => {
  const began = Date.now();
  onTestFailed(({ task }) => {
    const logs = logsSince(began);
    if (logs !== '') task.result?.errors?.push({ name: 'Logs', message: logs });
  });
});
