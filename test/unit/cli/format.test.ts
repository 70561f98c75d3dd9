import { expect } from 'chai';
import { outputFormatOf } from '../../../src/lib/cli/format.js';

describe('output format of raw words', () => {
  const cases: [string, string, NodeJS.ProcessEnv?][] = [
    ['get run 1', 'text'],
    ['get run 1 -o json', 'json'],
    ['get run 1 -ojson', 'json'],
    ['get run 1 -o=json', 'json'],
    ['get run 1 --output json', 'json'],
    ['get run 1 --output=json', 'json'],
    ['get run 1 --json', 'json'],
    ['get run 1 -o json -o text', 'text'],
    ['get run 1 -o nonsense', 'text'],
    ['get run -- -o json', 'text'],
    ['list', 'json', { DATABRICKS_OUTPUT_FORMAT: 'json' }],
    ['list -o text', 'text', { DATABRICKS_OUTPUT_FORMAT: 'json' }],
    ['list', 'text', { DATABRICKS_OUTPUT_FORMAT: 'nonsense' }],
  ];
  for (const [words, format, env] of cases) {
    it(`${words} ${env ? JSON.stringify(env) : ''} is ${format}`, () => {
      expect(outputFormatOf(words.split(' '), env ?? {})).to.equal(format);
    });
  }
});
