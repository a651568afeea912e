'use strict';
// Stacks name the files that the code was written in. Maps are read by the first stack that is looked at: Node.js'
// own `--enable-source-maps` reads them at the start, which takes as long as all the rest of it.
const { readFileSync } = require('node:fs');
const { SourceMap } = require('node:module');
const { relative } = require('node:path');

const maps = new Map();

function mapOf(file) {
  if (!maps.has(file)) {
    let map;
    try {
      map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
    } catch {
      // Without its map a stack names the place in the code that runs.
    }
    maps.set(file, map);
  }
  return maps.get(file);
}

/** `src/plugin/endpoint.service.ts:12:3`, or undefined where a call comes from elsewhere. */
function placeOf(site, code) {
  const file = site.getFileName();
  if (typeof file !== 'string' || !file.startsWith(code)) return undefined;
  const entry = mapOf(file)?.findEntry(site.getLineNumber() - 1, site.getColumnNumber() - 1);
  if (entry?.originalSource === undefined) return undefined;
  return `${entry.originalSource.replace(/^(\.\.\/)+/, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

/** Has every stack of this process name the original files of what is in the folder. */
exports.originalStacks = (code) => {
  Error.prepareStackTrace = (error, sites) => {
    const lines = sites.map((site) => {
      const text = String(site);
      const place = placeOf(site, code);
      if (place === undefined) return `    at ${text}`;
      const named = /^(.*) \(.*\)$/.exec(text)?.[1];
      return named === undefined ? `    at ${place}` : `    at ${named} (${place})`;
    });
    let head;
    try {
      head = String(error);
    } catch {
      head = 'Error';
    }
    return [head, ...lines].join('\n');
  };
};
