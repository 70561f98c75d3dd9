// Compiles src/schemas/run.schema.json to a validator that needs nothing at run time, and puts both into dist/.
import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

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
// reading of files at run time: both are joined into one file.
const modules = {
  validator,
  generated: `import validate from 'validator'; export { validate }; export const schema = ${schemaText};`,
};
const bundle = await rolldown({
  cwd: root,
  input: 'generated',
  platform: 'node',
  plugins: [
    {
      name: 'generated',
      resolveId: (id) => (id in modules ? join(root, id) : undefined),
      load: (id) => modules[basename(id)],
    },
  ],
});
await bundle.write({ file: `${schemas}/${generated}`, format: 'esm' });
await bundle.close();

mkdirSync(`${root}/dist/schemas`, { recursive: true });
for (const file of [generated, 'run.schema.json'])
  copyFileSync(`${schemas}/${file}`, `${root}/dist/schemas/${file}`);
