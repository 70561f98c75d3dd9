import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import Module from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { Script } from 'node:vm';
import { makeFolder } from './folder.js';

/** Node's loader of CommonJS modules, as far as its types do not tell: `_compile` runs the text of one module. */
interface Loader {
  /** Node 22 and later. */
  enableCompileCache?(folder: string): void;
  prototype: NodeJS.Module & { _compile: Compile };
  wrap(content: string): string;
}

type Compile = (this: NodeJS.Module, content: string, filename: string) => unknown;

const loader = Module as unknown as Loader;
const monthMilliseconds = 30 * 24 * 3_600_000;

type ModuleFunction = (
  exports: unknown,
  require: NodeJS.Require,
  module: NodeJS.Module,
  filename: string,
  folder: string,
) => unknown;

/**
 * Keeps what Node compiles of the files in the folder `parts` for the next process, which then starts sooner. The
 * name of such a file has to change with its content. Node 22 and later do this themselves.
 */
export function useCompileCache(parts: string, env: NodeJS.ProcessEnv): void {
  const cache = cacheFolder(env);
  if (cache === undefined) return;
  const folder = join(cache, 'compiled');
  if (loader.enableCompileCache) {
    loader.enableCompileCache(folder);
  } else if (!env['NODE_V8_COVERAGE'] && !env['NODE_DISABLE_COMPILE_CACHE']) {
    keepCompiled(parts, join(folder, `${process.version}-${process.arch}`));
  }
}

/**
 * Where the framework keeps the program's cache too: not in the folder for temporary files, which is everybody's.
 * Undefined without a home: some containers' users have none, and what is no full path would lie anywhere.
 */
function cacheFolder(env: NodeJS.ProcessEnv): string | undefined {
  const folder = env['AIR_CACHE_DIR'] || inHome(env);
  return folder !== undefined && isAbsolute(folder) ? folder : undefined;
}

function inHome(env: NodeJS.ProcessEnv): string | undefined {
  try {
    if (process.platform === 'darwin') return join(homedir(), 'Library/Caches/air');
    return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'air');
  } catch {
    return undefined;
  }
}

function keepCompiled(parts: string, folder: string): void {
  const compile = loader.prototype._compile;
  const missing: { script: Script; file: string }[] = [];

  loader.prototype._compile = function (content, filename) {
    if (dirname(filename) !== parts) return compile.call(this, content, filename);
    const file = join(folder, `${basename(filename, '.js')}.bin`);
    const cachedData = read(file);
    const script = new Script(loader.wrap(content), { filename, ...(cachedData && { cachedData }) });
    if (!cachedData || script.cachedDataRejected) missing.push({ script, file });
    const run = script.runInThisContext() as ModuleFunction;
    return run.call(this.exports, this.exports, Module.createRequire(filename), this, filename, parts);
  };
  // At the end, when the functions that were used are compiled too.
  process.on('exit', () => {
    for (const { script, file } of missing) write(file, script.createCachedData());
    if (missing.length > 0) removeOld(folder);
  });
}

/**
 * What `write` wrote; undefined if there is nothing to trust. Node runs it as it stands and crashes on damage, so
 * there are two copies: comparing them takes no time, whereas loading the code for a checksum takes 4 ms.
 */
function read(file: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    if (fstatSync(descriptor).uid !== process.getuid?.()) return undefined;
    const both = readFileSync(descriptor);
    const [one, other] = [both.subarray(0, both.length / 2), both.subarray(both.length / 2)];
    return one.equals(other) ? one : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Without it the next start takes a little longer: a full or read-only disk is no reason to fail. */
function write(file: string, data: Buffer): void {
  const draft = `${file}.${process.pid}`;
  try {
    makeFolder(dirname(file), 0o700);
    try {
      writeFileSync(draft, Buffer.concat([data, data]), { mode: 0o600 });
      renameSync(draft, file);
    } catch {
      rmSync(draft, { force: true });
    }
  } catch {
    // There is no room for a cache.
  }
}

/** Other releases have files of their own. One that is still used writes those again that go too early. */
function removeOld(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      if (Date.now() - statSync(file).mtimeMs > monthMilliseconds) rmSync(file);
    }
  } catch {
    // Another process removes them.
  }
}
