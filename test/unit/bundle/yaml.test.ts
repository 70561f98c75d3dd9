import { expect } from 'chai';
import fc from 'fast-check';
import { CORE_SCHEMA, load, YAML11_SCHEMA } from 'js-yaml';
import { yamlText, type YamlValue } from '../../../src/lib/bundle/yaml.js';

const words = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('yes', 'Off', 'y', '~', 'null', '1e3', '0x1F', '1_000', '12:30', '.5', '-1', '.inf', '---'),
  fc.constantFrom(
    '',
    ' a',
    'a ',
    'a: b',
    'a #b',
    '- a',
    '* a',
    '&a',
    '!a',
    '"a"',
    "'",
    'a\nb\n',
    '\t',
    '${a.b}',
  ),
  fc.constantFrom('2026-01-01', './dist/code.tgz', 'GPU_8xH100', '=', '<<', '\u2028', '\ufeff', '\u0085'),
);
const { value } = fc.letrec<{ value: YamlValue; map: Record<string, YamlValue> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    words,
    fc.integer(),
    fc.boolean(),
    fc.array(tie('value'), { minLength: 1, maxLength: 4 }),
    tie('map'),
  ),
  map: fc.dictionary(
    words.filter((key) => key !== '__proto__'),
    tie('value'),
    { minKeys: 1, maxKeys: 4 },
  ),
}));

describe('the YAML of bundles', () => {
  it('is read as what was written, by the rules of YAML 1.2 and of 1.1', () => {
    fc.assert(
      fc.property(value, (content) => {
        for (const schema of [CORE_SCHEMA, YAML11_SCHEMA]) {
          expect(load(yamlText({ content }), { schema })).to.deep.equal({ content });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is laid out for people, in the order it was given', () => {
    const text = yamlText({
      name: 'a run',
      steps: ['one', { key: 'x', deep: { on: 'yes' } }],
      limits: { seconds: 60, dev: true, version: '5' },
    });
    expect(text).to.equal(
      [
        'name: a run',
        'steps:',
        '  - one',
        '  - key: x',
        '    deep:',
        '      "on": "yes"',
        'limits:',
        '  seconds: 60',
        '  dev: true',
        '  version: "5"',
        '',
      ].join('\n'),
    );
  });
});
