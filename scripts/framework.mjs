// Makes the command framework quick to start. Its modules ask for all that they might ever need before they do
// anything, and half of that is for help texts, spinners and command discovery, which most commands never touch.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const frameworkModule = /@oclif[\\/]core[\\/]lib[\\/](.*\.js)$/;

/** Small packages that every command needs. */
const joined = ['ansis', 'get-package-type', 'supports-color'];

/**
 * Work at start-up that we can do without, as [module, text, replacement]. A framework that has not got the module or
 * the text any more stops the build.
 */
const edits = [
  // npm tells the user about an old Node at installation; this check reads version ranges.
  ['index.js', '\ncheckNodeVersion();', ''],
  // Sorting by the user's language loads the tables of languages; command ids are plain ASCII.
  ['config/plugin.js', 'a.id.localeCompare(b.id)', '(a.id < b.id ? -1 : 1)'],
  // The plugins that we ship are listed by name; a glob matcher is for patterns.
  ['config/plugin-loader.js', '(0, minimatch_1.minimatch)(p, w)', '(p === w || (/[*?[{(!]/.test(w) && $&))'],
  // What the framework tells its own developers.
  ['logger.js', '(0, debug_1.default)(namespace)', 'process.env.DEBUG ? $& : () => {}'],
  // A plugin beside its host needs no resolving of its exports.
  [
    'util/find-root.js',
    'pkgPath = require.resolve(name, { paths: [root] });',
    `const beside = node_path_1.join(root, 'node_modules', name);
     if (require('node:fs').existsSync(node_path_1.join(beside, 'package.json'))) return beside;
     $&`,
  ],
  // Ten small files: each would cross to another thread and back four times.
  ['util/fs.js', "await (0, promises_1.readFile)(path, 'utf8')", "(0, node_fs_1.readFileSync)(path, 'utf8')"],
  // A configuration of this very release needs no reading again, which `run` and every command would ask for.
  ['config/config.js', 'if (isConfig(opts)) {', '$& if (opts._base === BASE) return opts;'],
  // The framework tells Linux from Windows' Linux for the paths of Windows, where we do not run.
  ['util/os.js', "(await import('wsl-utils')).isWsl ? 'wsl' : ", ''],
];

/** Compiled code that is kept cannot import by itself: a file that is not kept does it. */
const importFile = { name: 'import', text: 'module.exports = (specifier) => import(specifier);\n' };

function edited(contents, module) {
  for (const [, text, replacement] of edits.filter(([name]) => name === module)) {
    if (!contents.includes(text)) throw new Error(`@oclif/core/lib/${module} has no ${JSON.stringify(text)}`);
    contents = contents.replace(text, replacement);
  }
  return contents.replaceAll('await import(', `await require('#framework/${importFile.name}')(`);
}

/**
 * The module, asking for others when it first uses them. Compiled TypeScript holds another module in a constant whose
 * name ends in a number, as in `const semver_1 = require('semver')`: each such constant becomes a getter.
 */
function requireOnUse(contents) {
  const getters = [];
  for (const [line, name, module] of contents.matchAll(/^(?:const|var) (\w+_\d+) = (.*require\(.*\));$/gm)) {
    contents = contents.replace(line, '').replaceAll(new RegExp(`\\b${name}\\b`, 'g'), `$uses.${name}`);
    getters.push(`get ${name}() { return ${module}; }`);
  }
  contents = contents.replaceAll(
    /^exports\.(\w+) = (__import\w+\(require\(.*\)\));$/gm,
    'Object.defineProperty(exports, "$1", { enumerable: true, configurable: true, get: () => $2 });',
  );
  return `const $uses = { ${getters.join(', ')} };\n${contents}`;
}

/**
 * The plugin for the build: framework modules that ask for each other, and for third-party packages, on use. Those
 * packages are not joined, except small ones; their names are added to `packages`, for `writePackages`.
 */
export function quickFramework(packages, external) {
  const unseen = new Set(edits.map(([module]) => module));
  return {
    name: 'quick-framework',
    buildEnd: (error) => {
      if (!error && unseen.size > 0) throw new Error(`@oclif/core/lib has no ${[...unseen].join(', ')}`);
    },
    load: {
      filter: { id: frameworkModule },
      handler: (path) => {
        const module = frameworkModule.exec(path)[1].replaceAll('\\', '/');
        unseen.delete(module);
        return requireOnUse(edited(readFileSync(path, 'utf8'), module));
      },
    },
    resolveId: {
      filter: { id: /^(#framework\/)?[\w-]+$/ },
      handler: (name, importer) => {
        if (!frameworkModule.test(importer)) return undefined;
        if (name.startsWith('#')) return { id: name, external: true };
        if ([...joined, ...external, ...builtinModules].includes(name)) return undefined;
        packages.add(name);
        return { id: `#framework/${name}`, external: true };
      },
    },
  };
}

/** Writes each package that the framework loads on use as a file of its own, found as `#framework/NAME`. */
export async function writePackages(packages, root) {
  const folder = join(root, 'dist/framework');
  for (const name of packages) {
    const bundle = await rolldown({
      input: name,
      cwd: join(root, 'node_modules/@oclif/core'),
      platform: 'node',
    });
    await bundle.write({ file: join(folder, `${name}.cjs`), format: 'cjs', minify: true });
    await bundle.close();
  }
  writeFileSync(join(folder, `${importFile.name}.cjs`), importFile.text);
  // Those of an earlier build would be shipped with the others.
  for (const file of readdirSync(folder)) {
    const name = file.replace(/\.cjs$/, '');
    if (name !== importFile.name && !packages.has(name)) rmSync(join(folder, file));
  }
}
