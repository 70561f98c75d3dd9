// Compiles src/schemas/run.schema.json to a validator that needs nothing at run time, and puts both into dist/.
import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const schemas = `${root}/src/schemas`;
const generated = 'run.validate.generated.js';
const schemaText = readFileSync(`${schemas}/run.schema.json`, 'utf8');

const ajv = new Ajv2020.default({
  allErrors: true,
  allowUnionTypes: true,
  strictTypes: false,
  messages: false,
  code: { source: true, lines: true },
});
ajv.addVocabulary(['x-expected', 'x-trim', 'x-lower', 'x-null', 'x-required']);
const validator = standaloneCode.default(ajv, ajv.compile(JSON.parse(schemaText)));

// ajv's standalone code still requires small pieces of ajv, and a schema that a module can import needs no
// reading of files at run time: esbuild joins them into one file.
await build({
  stdin: {
    contents: `import validate from 'validator'; export { validate }; export const schema = ${schemaText};`,
    resolveDir: root,
  },
  plugins: [
    {
      name: 'validator',
      setup(builder) {
        builder.onResolve({ filter: /^validator$/ }, () => ({ path: 'validator', namespace: 'generated' }));
        builder.onLoad({ filter: /.*/, namespace: 'generated' }, () => ({
          contents: validator,
          resolveDir: root,
        }));
      },
    },
  ],
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  charset: 'utf8',
  outfile: `${schemas}/${generated}`,
});

mkdirSync(`${root}/dist/schemas`, { recursive: true });
for (const file of [generated, 'run.schema.json'])
  copyFileSync(`${schemas}/${file}`, `${root}/dist/schemas/${file}`);
