// Runs the test suite, or the files and mocha options that are given, with mocha.
// Ends with one plain line of counts, taken from mocha's own JSON report.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2);
const suite = ['test/{unit,commands,cli,local,plugin}/**/*.test.ts'];
const folder = mkdtempSync(join(tmpdir(), 'air-test-report-'));
const report = join(folder, 'report.json');

const mocha = spawn(
  process.execPath,
  [
    'node_modules/mocha/bin/mocha.js',
    '--reporter',
    './scripts/spec-and-json.cjs',
    '--reporter-option',
    `output=${report}`,
    ...(given.length > 0 ? given : suite),
  ],
  { cwd: root, stdio: 'inherit' },
);
mocha.on('exit', (code) => {
  let counts;
  try {
    counts = JSON.parse(readFileSync(report, 'utf8')).stats;
  } catch {
    console.error('The test runner wrote no report.');
    process.exit(code || 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const skipped = counts.pending > 0 ? `, ${counts.pending} skipped` : '';
  console.log(`${counts.passes} passed, ${counts.failures} failed${skipped}`);
  process.exit(code ?? 1);
});
