/**
 * Loaded before the server (`node --import`): makes one call to the file system go wrong, as `FAULT` says:
 * { call, nth, times, outcome }, where the outcome is `killed before`, `killed after`, `killed halfway` or an error code.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { call, nth, times = 1, outcome } = JSON.parse(process.env['FAULT']);
/** A sync may be waited for or not: both count as one. */
const names = call === 'fdatasync' ? ['fdatasync', 'fdatasyncSync'] : [call];
const die = () => process.kill(process.pid, 'SIGKILL');
let count = 0;

for (const name of names) {
  const original = fs[name];
  fs[name] = (...args) => {
    if (++count < nth || count >= nth + times) return original(...args);
    if (outcome === 'killed before') die();
    if (outcome === 'killed halfway') {
      const [fd, bytes, from, length, at] = args;
      original(fd, bytes, from, Math.floor(length / 2), at);
      die();
    }
    if (outcome === 'killed after') {
      original(...args);
      die();
    }
    const error = Object.assign(new Error(`${outcome}: made to fail`), { code: outcome });
    const callback = args.at(-1);
    if (typeof callback !== 'function') throw error;
    callback(error);
  };
}
syncBuiltinESMExports();
