// Builds dist/ from src/: types by TypeScript, code by esbuild. The modules are joined into a few files, together
// with what start-up and the first request need of the command framework, the YAML reader and the HTTP client:
// opening hundreds of small files is most of what a command line program spends its first moments on. Whatever is
// only needed later, or has native parts, stays a package of its own.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const joined = ['@oclif/core', 'got', 'js-yaml', 'string-width', 'wrap-ansi'];
const optional = ['typescript', 'ts-node', 'tsx'];

/** Runs a tool of node_modules in the package's folder; its failure is ours. */
function runTool(script, ...args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Files that something outside the build loads by name. */
function entryPoints() {
  const folders = ['src/commands', 'src/hooks'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name))),
  );
  const programs = ['cli/main', 'local/server/main', 'local/supervisor/main'].map(
    (name) => `src/lib/${name}.ts`,
  );
  return [...folders, ...programs, 'src/help.ts', 'src/plugin.ts', 'src/plugin-testing.ts'];
}

const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
runTool('scripts/compile-schema.mjs');
runTool('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: entryPoints(),
  outdir: 'dist',
  outbase: 'src',
  bundle: true,
  splitting: true,
  // Most of start-up is reading source text. Names stay, for the sake of stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  chunkNames: 'chunks/[name]-[hash]',
  external: [...Object.keys(dependencies).filter((name) => !joined.includes(name)), ...optional],
  // The framework is CommonJS and asks for these; a module has none of them.
  banner: {
    js: [
      "import { createRequire as createRequire_ } from 'node:module';",
      "import { dirname as dirname_ } from 'node:path';",
      "import { fileURLToPath as fileURLToPath_ } from 'node:url';",
      'const require = createRequire_(import.meta.url);',
      'const __filename = fileURLToPath_(import.meta.url);',
      'const __dirname = dirname_(__filename);',
    ].join('\n'),
  },
  sourcemap: process.argv.includes('--source-maps') ? 'linked' : false,
  logLevel: 'warning',
  metafile: true,
});
// Parts of earlier builds go last, so that a program that runs meanwhile finds what it still has to load.
for (const name of readdirSync(join(root, 'dist/chunks'))) {
  if (!(`dist/chunks/${name}` in metafile.outputs)) rmSync(join(root, 'dist/chunks', name));
}
// What browsers load is plain JavaScript and CSS: it is shipped as it is written.
const pageAssets = 'lib/local/server/pages/assets';
if (existsSync(`${root}/src/${pageAssets}`)) {
  cpSync(`${root}/src/${pageAssets}`, `${root}/dist/${pageAssets}`, { recursive: true });
}
