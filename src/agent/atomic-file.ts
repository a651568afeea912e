import { open, rename, rm } from 'node:fs/promises';

let writes = 0;

/** Replaces a file as a whole: whoever reads it, also after a power cut, finds the old content or the new. */
export async function writeAtomically(path: string, content: string): Promise<void> {
  writes += 1;
  const temporary = `${path}.${process.pid}-${writes}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
