/** Loaded before a program: when it ends, its last line on stderr says how many files of code it has loaded. */
import { Session } from 'node:inspector';

const files = new Set<string>();
const session = new Session();
session.connect();
session.on('Debugger.scriptParsed', ({ params: { url } }) => {
  if (/^(file:|\/)/.test(url)) files.add(url);
});
session.post('Debugger.enable');
process.on('SIGTERM', () => process.exit());
process.on('exit', () => process.stderr.write(`scripts: ${files.size}\n`));
