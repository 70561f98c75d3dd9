// Builds dist/ from src/: types by TypeScript, code by Rolldown. The modules are joined into a few files, together
// with what start-up and the first request need of the command framework, the YAML reader and the HTTP client:
// opening hundreds of small files is most of what a command line program spends its first moments on. Whatever is
// only needed later, or has native parts, stays a package of its own.
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { minifySync } from 'rolldown/utils';
import { quickFramework, writePackages } from './framework.mjs';
import { sharedFiles } from './shared-files.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const joined = ['@oclif/core', 'got', 'js-yaml', 'modern-tar', 'string-width', 'wrap-ansi'];
const optional = ['typescript', 'ts-node', 'tsx'];

/** Programs of their own, beside the commands, and what is loaded before them. */
const programs = ['lib/compile-cache', 'lib/local/server/main', 'lib/local/supervisor/main'];

/** Runs a tool of node_modules in the package's folder; its failure is ours. */
function runTool(script, ...args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Files that something outside the build loads by name, as `lib/cli/main`. */
function entryPoints() {
  const folders = ['src/commands', 'src/hooks'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(join(root, 'src'), join(entry.parentPath ?? entry.path, entry.name))),
  );
  return [
    ...folders.map((file) => file.slice(0, -3)),
    'lib/cli/main',
    ...programs,
    'help',
    'plugin',
    'plugin-testing',
  ];
}

const sourceOf = (name) => join(root, 'src', `${name}.ts`);

/** What every command needs; what `run` needs besides, before it sends anything. */
const startup = [
  'lib/cli/main',
  'lib/cli/command',
  'lib/cli/plugins/hooks',
  'lib/cli/terminal/style',
  'lib/folder',
];
const workload = ['lib/cli/launch/preparation'];
const shared = sharedFiles(
  { startup: startup.map(sourceOf), workload: workload.map(sourceOf) },
  programs.map(sourceOf),
);

/** Half of a text is names, and reading it takes time; where the code is not ours to debug, short ones will do. */
const shortNames = {
  name: 'short-names',
  transform: {
    filter: { id: /[\\/]node_modules[\\/].*\.[cm]?js$|\.generated\.js$/ },
    handler: (contents, path) => minifySync(path, contents, { compress: false, mangle: true }).code,
  },
};

const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
runTool('scripts/compile-schema.mjs');
runTool('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
const packages = new Set();
const external = [...Object.keys(dependencies).filter((name) => !joined.includes(name)), ...optional];
const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(entryPoints().map((name) => [name, sourceOf(name)])),
  platform: 'node',
  transform: { target: 'node20.19' },
  external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
  plugins: [quickFramework(packages, external), shortNames],
});
const { output } = await bundle.write({
  dir: join(root, 'dist'),
  // Node starts CommonJS sooner than ES modules, and can keep what it compiled of it.
  format: 'cjs',
  dynamicImportInCjs: false,
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  codeSplitting: { groups: [{ name: shared, debugName: 'shared files' }] },
  // Our own names stay, for the sake of stack traces.
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  sourcemap: process.argv.includes('--source-maps'),
});
await bundle.close();
await writePackages(packages, root);
writeFileSync(
  join(root, 'dist/package.json'),
  JSON.stringify({ type: 'commonjs', imports: { '#framework/*': './framework/*.cjs' } }),
);
// Parts of earlier builds go last, so that a program that runs meanwhile finds what it still has to load.
const written = new Set(output.map(({ fileName }) => fileName));
for (const name of readdirSync(join(root, 'dist/chunks'))) {
  if (!written.has(`chunks/${name}`)) rmSync(join(root, 'dist/chunks', name));
}
// What browsers load is plain JavaScript and CSS: it is shipped as it is written.
const pageAssets = 'lib/local/server/pages/assets';
cpSync(`${root}/src/${pageAssets}`, `${root}/dist/${pageAssets}`, { recursive: true });
