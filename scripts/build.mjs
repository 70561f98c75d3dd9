// Builds dist/ from src/: one plain TypeScript build.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a tool of node_modules in the package's folder; its failure is ours. */
function runTool(script, ...args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv.includes('--clean')) rmSync(`${root}/dist`, { recursive: true, force: true });
if (existsSync(`${root}/scripts/compile-schema.mjs`)) runTool('scripts/compile-schema.mjs');
runTool('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
// What browsers load is plain JavaScript and CSS: it is shipped as it is written.
const pageAssets = 'lib/local/server/pages/assets';
cpSync(`${root}/src/${pageAssets}`, `${root}/dist/${pageAssets}`, { recursive: true });
