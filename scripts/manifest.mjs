// Writes oclif.manifest.json, the index of commands that spares start-up the loading of every command.
// With --check it only says whether the committed file is what the code would give.
import { Plugin } from '@oclif/core';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = [root, `${root}/examples/plugin-policy`];

/**
 * Keys in alphabetical order, all the way down, so that the file changes only when a command does. Arguments keep
 * their order: it is the one in which they are typed.
 */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, key === 'args' ? inOrder(value[key]) : sorted(value[key])]),
  );
}

function inOrder(args) {
  return Object.fromEntries(Object.entries(args).map(([name, arg]) => [name, sorted(arg)]));
}

/** The manifest of the plugin in a folder, as its code gives it. */
async function manifestOf(folder) {
  const plugin = new Plugin({
    root: folder,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  return `${JSON.stringify(sorted(plugin.manifest), undefined, 2)}\n`;
}

/** The example imports this package by its name, as it does once it is linked. */
function linkPackage() {
  const place = `${root}/examples/plugin-policy/node_modules/@air-cli`;
  mkdirSync(place, { recursive: true });
  if (!existsSync(`${place}/air`)) symlinkSync(root, `${place}/air`, 'dir');
}

linkPackage();
for (const folder of folders) {
  const file = `${folder}/oclif.manifest.json`;
  const text = await manifestOf(folder);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${file} is out of date. Type: npm run build && npm run manifest`);
    process.exit(1);
  }
}
