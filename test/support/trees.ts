import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { systemIO, type Context } from '../../src/lib/io.js';

/** One thing of a tree of files, as a test draws it. */
export type Sprout =
  | { kind: 'file'; path: string; content: Uint8Array; executable: boolean }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'rules'; path: string; lines: string[] };

const segments = [
  'a',
  'b',
  'src',
  'data',
  'build',
  'a b',
  'x.log',
  'y.py',
  '.hidden',
  'ünï',
  '日本',
  '*',
  '[ab]',
  '!bang',
  '#hash',
  'q?',
  ' lead',
  'trail ',
  'back\\slash',
  'new\nline',
  '-dash',
];

const patterns = [
  '*.log',
  '!*.log',
  'build/',
  '!build/',
  '/a',
  '!/a',
  '**/b',
  'a/**',
  'a/**/b',
  '!a/',
  'src/*',
  '!src/data',
  'src/',
  '\\#hash',
  '\\!bang',
  '# a comment',
  '*',
  '!*/',
  '!*.py',
  '[ab]',
  '[!a]',
  'a*',
  'a b',
  'ünï',
  '日本/',
  '/*',
  '!/src',
  '.hidden',
  'data/**/x.log',
  '/src/a',
  '**',
  'trail\\ ',
  'data   ',
  '\\*',
  '',
];

const segment = fc.constantFrom(...segments);
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const folder = fc.array(segment, { maxLength: 2 }).map((parts) => parts.map((part) => `${part}/`).join(''));

const file = fc.record({
  kind: fc.constant('file' as const),
  path,
  content: fc.uint8Array({ maxLength: 3000 }),
  executable: fc.boolean(),
});
const link = fc.record({
  kind: fc.constant('link' as const),
  path,
  target: fc.oneof(path, fc.constantFrom('../..', '/nowhere', '.', 'ünï')),
});

/** Ignore files of this name, in any folder. */
function rulesArbitrary(name: string): fc.Arbitrary<Sprout> {
  return fc.record({
    kind: fc.constant('rules' as const),
    path: folder.map((place) => `${place}${name}`),
    lines: fc.array(fc.constantFrom(...patterns), { minLength: 1, maxLength: 4 }),
  });
}

/** Small trees full of odd names, links and nested ignore files. */
export function treeArbitrary(...ruleFiles: string[]): fc.Arbitrary<Sprout[]> {
  return fc
    .tuple(
      fc.array(fc.oneof({ weight: 6, arbitrary: file }, { weight: 1, arbitrary: link }), { maxLength: 25 }),
      fc.array(fc.oneof(...ruleFiles.map(rulesArbitrary)), { maxLength: 4 }),
    )
    .map(([things, rules]) => [...rules, ...things]);
}

/** Plants a tree; what another thing stands in the way of is left out. */
export function plant(root: string, sprouts: readonly Sprout[]): void {
  mkdirSync(root, { recursive: true });
  for (const sprout of sprouts) {
    const target = join(root, sprout.path);
    if (!hasRoom(root, sprout.path)) continue;
    mkdirSync(dirname(target), { recursive: true });
    if (sprout.kind === 'link') symlinkSync(sprout.target, target);
    else if (sprout.kind === 'rules') writeFileSync(target, `${sprout.lines.join('\n')}\n`);
    else {
      writeFileSync(target, sprout.content);
      chmodSync(target, sprout.executable ? 0o755 : 0o644);
    }
  }
}

function hasRoom(root: string, path: string): boolean {
  const parts = path.split('/');
  return parts.every((_, index) => {
    const found = lstatSync(join(root, ...parts.slice(0, index + 1)), { throwIfNoEntry: false });
    return found === undefined || (found.isDirectory() && index < parts.length - 1);
  });
}

/** Every file and link below a folder, with what it holds; `.git` is passed over. */
export function harvest(root: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (folderPath: string) => {
    for (const entry of readdirSync(join(root, folderPath), { withFileTypes: true })) {
      const name = `${folderPath}${entry.name}`;
      if (entry.name === '.git') continue;
      if (entry.isDirectory()) walk(`${name}/`);
      else found.set(name, describe(join(root, name)));
    }
  };
  walk('');
  return found;
}

function describe(file: string): string {
  const stat = lstatSync(file);
  if (stat.isSymbolicLink()) return `-> ${readlinkSync(file)}`;
  return `${(stat.mode & 0o100) === 0 ? 'plain' : 'executable'} ${readFileSync(file).toString('hex')}`;
}

/** A home folder without a git configuration of the machine's user. */
export function gitHome(folderPath: string): NodeJS.ProcessEnv {
  const home = join(folderPath, 'home');
  if (!existsSync(home)) {
    mkdirSync(home);
    writeFileSync(
      join(home, '.gitconfig'),
      '[user]\n\tname = A Tester\n\temail = tester@example.com\n[init]\n\tdefaultBranch = main\n' +
        '[protocol "file"]\n\tallow = always\n[advice]\n\taddEmbeddedRepo = false\n',
    );
  }
  return { PATH: process.env['PATH'], HOME: home, GIT_CONFIG_NOSYSTEM: '1' };
}

/** Runs git in a folder; answers what it printed. */
export function gitIn(directory: string, env: NodeJS.ProcessEnv, ...args: string[]): string {
  return execFileSync('git', ['-C', directory, ...args], {
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** A context whose clock runs a minute ahead: every file that a test wrote is old enough to be remembered. */
export function settledContext(signal = new AbortController().signal): Context {
  const clock = { now: () => Date.now() + 60_000, sleep: () => Promise.resolve() };
  return { io: systemIO, clock, signal };
}
