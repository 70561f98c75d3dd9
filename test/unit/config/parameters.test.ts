import { expect } from 'chai';
import fc from 'fast-check';
import { CORE_SCHEMA, load as loadYaml, YAML11_SCHEMA } from 'js-yaml';
import { spawnSync } from 'node:child_process';
import { load, workload } from '../../support/config.js';

const python = spawnSync('python3', ['-c', 'import yaml']).status === 0;

/** Prints what PyYAML makes of each text of a JSON list, values told apart by type. */
const reader = `
import json, sys, yaml
def plain(value):
    if isinstance(value, dict): return {'map': [[plain(k), plain(v)] for k, v in value.items()]}
    if isinstance(value, list): return [plain(item) for item in value]
    if value is None: return 'null'
    if isinstance(value, bool): return 'boolean ' + str(value).lower()
    if isinstance(value, int): return 'integer ' + str(value)
    if isinstance(value, float): return 'float ' + repr(value)
    if isinstance(value, str): return 'string ' + json.dumps(value, ensure_ascii=False)
    return type(value).__name__ + ' ' + str(value)
print(json.dumps([plain(yaml.safe_load(text)) for text in json.load(sys.stdin)]))
`;

function readWithPython(texts: readonly string[]): unknown[] {
  const { stdout, stderr } = spawnSync('python3', ['-c', reader], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as unknown[];
}

function floatText(value: number): string {
  return `float ${Object.is(value, -0) ? '-0' : value}`;
}

/** A plain scalar's YAML 1.2 core value, integers exact. */
function coreValue(text: string): string {
  if (/^[-+]?[0-9]+$/.test(text))
    return `integer ${BigInt(text.replace('+', '').replace(/^(-?)0+(?=\d)/, '$1'))}`;
  if (/^0o[0-7]+$|^0x[0-9a-fA-F]+$/.test(text)) return `integer ${BigInt(text)}`;
  if (/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(text)) return floatText(Number(text));
  const value = loadYaml(text, { schema: CORE_SCHEMA });
  if (value === null) return 'null';
  if (typeof value === 'number') return floatText(value);
  return typeof value === 'boolean' ? `boolean ${value}` : `string ${JSON.stringify(value)}`;
}

function sameValue(found: unknown, expected: string): boolean {
  if (found === expected) return true;
  if (typeof found !== 'string' || !found.startsWith('float ') || !expected.startsWith('float '))
    return false;
  const number = (text: string) => Number(text.slice(6).replace('inf', 'Infinity').replace('nan', 'NaN'));
  return Object.is(number(found), number(expected));
}

const known = [
  '010', '1_000', '0b11', '0x1F', '0o17', '0x_1', '1:30', '1:30.5', '190:20:30', '-0b1', '-0x1', '+12', '-0', '08', '1__0', '_1', '00',
  '1e5', '1e-05', '1.5e3', '1.5E+3', '.5', '-.5', '+.5', '5.', '1.', '.inf', '-.INF', '+.inf', '.NaN', '1_0.5', '0.10', '12345678901234567890.123456789012345678901234567890',
  'yes', 'No', 'on', 'OFF', 'y', 'N', 'true', 'False', 'TRUE', '~', 'null', 'Null', '=', '<<', '2024-01-01', '2024-1-1 10:00:00', '2001-12-14t21:59:43.10-05:00', '0.0.1',
  '123456789012345678901234567890', '-9007199254740993', 'nan', 'inf', 'e5', '1e', '- -'.slice(2), 'a b', 'é', '🙂', "it's", 'a"b', '0.1.2', '1,000', '...a', '12e03',
]; // prettier-ignore

const numberLike = fc.string({
  unit: fc.constantFrom(...'0123456789_.:eE+-xobaf'.split('')),
  minLength: 1,
  maxLength: 8,
});
const isPlainScalar = (text: string) => {
  try {
    const value = loadYaml(`k: ${text}`, { schema: CORE_SCHEMA }) as { k: unknown };
    return typeof value.k !== 'object' || value.k === null;
  } catch {
    return false;
  }
};

async function rendered(texts: readonly string[]): Promise<string> {
  const lines = texts.map((text, index) => `  k${index}: ${text}`);
  const { hyperparameters } = await load(workload('parameters:', ...lines));
  return hyperparameters ?? '';
}

describe('hyperparameters.yaml', () => {
  it('has sorted keys, four spaces of indent, and floats with a dot', async () => {
    const { hyperparameters } = await load(
      workload(
        'parameters:',
        '  zeta: {b: 1e-05, a: [1.0, {c: 2}]}',
        '  alpha: 1e5',
        '  text: |',
        '    two',
        '    lines',
      ),
    );
    expect(hyperparameters).to.equal(
      [
        'alpha: 1.0e+5',
        'text: |',
        '    two',
        '    lines',
        'zeta:',
        '    a:',
        '        - 1.0',
        '        -   c: 2',
        '    b: 1.0e-05',
        '',
      ].join('\n'),
    );
  });

  it('is not written without parameters', async () => {
    for (const lines of [[], ['parameters:'], ['parameters: {}']]) {
      expect((await load(workload(...lines))).hyperparameters).to.equal(undefined);
    }
  });

  it('writes merges and aliases out', async () => {
    const { hyperparameters } = await load(
      workload('parameters:', '  base: &b {x: 1, y: 2}', '  one: {<<: *b, y: 3}', '  two: *b'),
    );
    expect(loadYaml(hyperparameters ?? '')).to.deep.equal({
      base: { x: 1, y: 2 },
      one: { x: 1, y: 3 },
      two: { x: 1, y: 2 },
    });
  });

  it('means the same to a YAML 1.2 reader and to js-yaml as a 1.1 reader', async () => {
    const texts = known.filter(isPlainScalar);
    const text = await rendered(texts);
    const [now, old] = [CORE_SCHEMA, YAML11_SCHEMA].map(
      (schema) => loadYaml(text, { schema }) as Record<string, unknown>,
    );
    for (const [index, source] of texts.entries()) {
      expect(old?.[`k${index}`], source).to.deep.equal(now?.[`k${index}`]);
    }
  });

  it('means to PyYAML what the file means in YAML 1.2, to the last digit', async function () {
    if (!python) {
      console.log('      SKIPPED: python3 with PyYAML is not on this machine');
      this.skip();
    }
    const texts = [...known, ...fc.sample(numberLike, 1500)].filter(isPlainScalar);
    const [found] = readWithPython([await rendered(texts)]) as [{ map: [string, unknown][] }];
    const values = new Map(found.map);
    for (const [index, source] of texts.entries()) {
      const value = values.get(`string "k${index}"`);
      expect(
        sameValue(value, coreValue(source)),
        `${source}: ${String(value)} for ${coreValue(source)}`,
      ).to.equal(true);
    }
  });

  it('keeps keys as they are for PyYAML', async function () {
    if (!python) this.skip();
    const keys = known.filter(
      (text) => isPlainScalar(text) && coreValue(text).startsWith('string') && text !== '<<',
    );
    const { hyperparameters } = await load(workload('parameters:', ...keys.map((key) => `  ${key}: 1`)));
    const [found] = readWithPython([hyperparameters ?? '']) as [{ map: [string, unknown][] }];
    expect(found.map.map(([key]) => key).sort()).to.deep.equal(keys.map((key) => coreValue(key)).sort());
  });

  it('keeps any text for PyYAML', async function () {
    if (!python) this.skip();
    const texts = fc.sample(fc.string({ unit: 'grapheme', maxLength: 20 }), 500);
    const lines = texts.map((text, index) => `  k${index}: ${JSON.stringify(text)}`);
    const { hyperparameters } = await load(workload('parameters:', ...lines));
    const [found] = readWithPython([hyperparameters ?? '']) as [{ map: [string, string][] }];
    const values = new Map(found.map);
    for (const [index, text] of texts.entries()) {
      const value = values.get(`string "k${index}"`) ?? '';
      expect(JSON.parse(value.replace('string ', ''))).to.equal(text);
    }
  });

  it('warns at every place that PyYAML would read otherwise, and only there', async function () {
    if (!python) this.skip();
    const texts = [...known, ...fc.sample(numberLike, 1000)]
      .filter(isPlainScalar)
      .filter((text) => text !== '<<');
    const { warnings } = await load(
      workload('parameters:', ...texts.map((text, index) => `  k${index}: ${text}`)),
    );
    const warned = new Set(warnings.map((warning) => warning.path));
    const readings = readEach(texts);
    for (const [index, text] of texts.entries()) {
      const differs = !sameValue(readings[index], coreValue(text));
      expect(warned.has(`parameters.k${index}`), `${text}: ${String(readings[index])}`).to.equal(differs);
    }
  });
});

/** PyYAML's reading of each scalar; what it cannot construct differs by that alone. */
function readEach(texts: readonly string[]): unknown[] {
  const tolerant = reader.replace(
    'print(json.dumps([plain(yaml.safe_load(text)) for text in json.load(sys.stdin)]))',
    `def read(text):
    try: return plain(yaml.safe_load(text))
    except Exception as error: return 'error'
print(json.dumps([read(text) for text in json.load(sys.stdin)]))`,
  );
  const { stdout } = spawnSync('python3', ['-c', tolerant], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  return JSON.parse(stdout) as unknown[];
}
