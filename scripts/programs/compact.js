import MagicString from 'magic-string';
import { minifySync } from 'rolldown/utils';

/** Plugin: code without white space and the line for a shell. Names stay, also those that stacks and Nest need. */
export const compact = () => ({
  name: 'compact',
  renderChunk(code, { fileName }) {
    const options = { compress: false, mangle: false, codegen: { removeWhitespace: true }, sourcemap: true };
    const { code: compacted, map, errors } = minifySync(fileName, code.replace(/^#!.*/, ''), options);
    if (errors.length > 0) throw new Error(`${fileName}: ${errors[0].message}`);
    return { code: compacted, map };
  },
});

/** Plugin: code in ASCII only. V8 keeps a file with one character beyond Latin-1 in twice the memory. */
export const ascii = () => ({
  name: 'ascii',
  renderChunk(code) {
    const changed = new MagicString(code);
    for (const { 1: backslashes, 2: character, index } of code.matchAll(/(\\*)([^\0-\x7f])/g)) {
      const at = index + backslashes.length;
      // A backslash that escapes the character is part of what is replaced: it is the character all the same.
      const from = at - (backslashes.length % 2);
      changed.update(from, at + 1, `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
    }
    if (!changed.hasChanged()) return null;
    return { code: changed.toString(), map: changed.generateMap({ hires: true }) };
  },
});
