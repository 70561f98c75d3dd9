// Writes oclif.manifest.json, the index of commands that spares start-up the loading of every command.
// With --check it only says whether the committed file is what the code would give.
import { Plugin } from '@oclif/core';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = `${root}/oclif.manifest.json`;

/** Keys in alphabetical order, all the way down, so that the file changes only when a command does. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

const plugin = new Plugin({
  root,
  ignoreManifest: true,
  errorOnManifestCreate: true,
  respectNoCacheDefault: true,
});
await plugin.load();
const text = `${JSON.stringify(sorted(plugin.manifest), undefined, 2)}\n`;

if (process.argv.includes('--check')) {
  const committed = readFileSync(file, 'utf8');
  if (committed !== text) {
    console.error('oclif.manifest.json is out of date. Type: npm run build && npm run manifest');
    process.exit(1);
  }
} else {
  writeFileSync(file, text);
}
