import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import globals from 'globals';
import tseslint from 'typescript-eslint';

// The floors of the house: a room may import only from the rooms listed for it (and from itself).
// ARCHITECTURE.md draws the same picture.
const ground = [
  './src/lib/data-directory.ts',
  './src/lib/errors.ts',
  './src/lib/folder.ts',
  './src/lib/io.ts',
  './src/lib/nearest.ts',
  './src/lib/process-identity.ts',
  './src/lib/package-root.ts',
  './src/lib/shell-word.ts',
  './src/lib/size.ts',
];
const compute = ['./src/lib/compute', ...ground];
const config = ['./src/lib/config', './src/schemas', ...compute];
const workspace = ['./src/lib/workspace', ...compute];
const services = [...new Set([...config, ...workspace])];
const contract = './src/lib/workspace/contract';
const localServer = [
  './src/lib/local/server',
  './src/lib/local/engine',
  './src/lib/local/store',
  './src/lib/local/supervisor',
  './src/lib/local/state',
  contract,
  './src/lib/workspace/json.ts',
  ...compute,
];

const floors = {
  './src/lib/compile-cache.ts': ground,
  './src/lib/data-directory.ts': ground,
  './src/lib/errors.ts': [],
  './src/lib/folder.ts': ground,
  './src/lib/io.ts': ground,
  './src/lib/nearest.ts': [],
  './src/lib/process-identity.ts': [],
  './src/lib/package-root.ts': [],
  './src/lib/shell-word.ts': [],
  './src/lib/size.ts': [],
  './src/lib/compute': compute,
  './src/lib/config': config,
  './src/schemas': config,
  './src/lib/workspace': workspace,
  './src/lib/runs': ['./src/lib/runs', ...services],
  './src/lib/logs': ['./src/lib/logs', './src/lib/runs', ...services],
  './src/lib/images': ['./src/lib/images', ...services],
  './src/lib/launch': ['./src/lib/launch', './src/lib/images', ...services],
  './src/lib/bundle': ['./src/lib/bundle', './src/lib/launch', ...services],
  './src/lib/local/server': localServer,
  './src/lib/local/engine': localServer.filter((place) => !place.endsWith('/server')),
  './src/lib/local/store': ['./src/lib/local/store', './src/lib/local/state', contract, ...compute],
  './src/lib/local/supervisor': ['./src/lib/local/supervisor', './src/lib/local/state', ...compute],
  './src/lib/local/client': ['./src/lib/local/client', './src/lib/local/state', ...ground],
  './src/lib/local/state': ['./src/lib/local/state', ...ground],
  './src/lib/cli/terminal': ['./src/lib/cli/terminal', ...ground],
};

const zones = Object.entries(floors).map(([target, except]) => ({
  target,
  from: './src',
  except: except.map((place) => place.replace(/^\.\/src\//, './')),
  message: 'This import breaks the floors of the house: see ARCHITECTURE.md.',
}));
zones.push(
  { target: './src/lib', from: './src/commands', message: 'Nothing imports commands.' },
  {
    target: './src/commands',
    from: './src/lib/local',
    except: ['./client'],
    message: 'Commands meet the local workspace in HTTP.',
  },
);

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', '**/*.generated.*', 'test/fixtures/'] },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['src/lib/local/server/pages/assets/*.js'],
    languageOptions: { globals: globals.browser },
    rules: { 'no-control-regex': 'off' },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      'no-control-regex': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.json' })] },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'got', message: 'Only workspace/transport imports got.' },
            { name: '@oclif/core', message: 'Only bin, help, hooks and cli import @oclif/core.' },
          ],
        },
      ],
      'no-console': 'error',
    },
  },
  {
    files: ['src/lib/workspace/transport.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: [{ name: '@oclif/core' }] }] },
  },
  {
    files: ['src/lib/cli/**/*.ts', 'src/hooks/**/*.ts', 'src/help.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: [{ name: 'got' }] }] },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
