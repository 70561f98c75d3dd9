import { expect } from 'chai';
import fc from 'fast-check';
import { parseDuration, parseRunId } from '../../../src/lib/cli/flags.js';
import { AirError } from '../../../src/lib/errors.js';

describe('run id', () => {
  for (const [text, id] of [
    ['1', '1'],
    ['+5', '5'],
    ['007', '7'],
    ['9223372036854775807', '9223372036854775807'],
  ] as const) {
    it(`${text} is ${id}`, () => {
      expect(parseRunId(text)).to.equal(id);
    });
  }

  for (const text of [
    'abc',
    '0',
    '-1',
    '',
    ' 1',
    '1.0',
    '1e3',
    '9223372036854775808',
    '99999999999999999999',
  ]) {
    it(`${JSON.stringify(text)} is none`, () => {
      expect(() => parseRunId(text))
        .to.throw(AirError, JSON.stringify(text))
        .with.property('code', 'INVALID_ARGS');
    });
  }

  it('keeps every digit of any 64-bit id', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
        (id) => parseRunId(id.toString()) === id.toString(),
      ),
    );
  });
});

describe('duration', () => {
  for (const [text, milliseconds] of [
    ['90s', 90_000],
    ['9m', 540_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1.5h', 5_400_000],
    ['0s', 0],
    ['9', null],
    ['m', null],
    ['-5m', null],
    ['5 m', null],
    ['5w', null],
    ['', null],
  ] as const) {
    it(`${JSON.stringify(text)} is ${milliseconds}`, () => {
      expect(parseDuration(text)).to.equal(milliseconds);
    });
  }
});
