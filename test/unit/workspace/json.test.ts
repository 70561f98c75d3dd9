import { expect } from 'chai';
import fc from 'fast-check';
import { isLosslessNumber, parse } from 'lossless-json';
import {
  JsonInteger,
  parseLosslessJson,
  quoteLongIntegers,
  stringifyJson,
} from '../../../src/lib/workspace/json.js';

/** What the library reads, in our terms: a long integer is its digits, every other number a JavaScript one. */
function expected(text: string): unknown {
  return parse(text, undefined, {
    parseNumber: (digits) => (/^-?[1-9]\d{15,}$/.test(digits) ? digits : Number(digits)),
  });
}

/** Integers around 2^53 and 2^63, short ones, fractions and exponents, as JSON text. */
const numberText = fc.oneof(
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  fc.bigInt({ min: 10n ** 14n, max: 10n ** 17n }).map(String),
  fc.integer().map(String),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.stringMatching(/^\d{1,20}$/))
    .map(([whole, part]) => `${whole}.${part}`),
  fc
    .tuple(
      fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
      fc.constantFrom('e', 'E'),
      fc.constantFrom('', '+', '-'),
    )
    .map(([whole, e, sign]) => `${whole}${e}${sign}12`),
  fc.constantFrom('0', '-0', '0.0', '-0.0000000000000000000001'),
);

/** Strings that look like what the scanner must not touch: digits, quotes, backslashes, colons. */
const stringText = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('"', '\\', '1234567890123456789', ':', ',', '-', 'é', '\u2028'), {
        maxLength: 8,
      })
      .map((parts) => parts.join('')),
  )
  .map((text) => JSON.stringify(text));

const space = fc.constantFrom('', ' ', '\n', '\t ');

const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    numberText,
    stringText,
    fc.constantFrom('true', 'false', 'null'),
    fc
      .tuple(fc.array(tie('json'), { maxLength: 4 }), space)
      .map(([items, gap]) => `[${items.join(`${gap},${gap}`)}]`),
    fc
      .tuple(
        fc.uniqueArray(stringText, { maxLength: 4 }),
        fc.array(tie('json'), { minLength: 4, maxLength: 4 }),
        space,
      )
      .map(
        ([keys, values, gap]) =>
          `{${keys
            .filter((key) => key !== '"__proto__"')
            .map((key, at) => `${key}${gap}:${gap}${values[at]}`)
            .join(',')}}`,
      ),
  ),
}));

describe('lossless JSON', () => {
  it('reads every document as an exact reader does, with the digits of long integers as text', () => {
    fc.assert(
      fc.property(json, (text) => {
        expect(parseLosslessJson(text)).to.deep.equal(expected(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves a document without long integers untouched', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        if (!/\d{16}/.test(text)) expect(quoteLongIntegers(text)).to.equal(text);
      }),
    );
  });

  it('refuses what is no JSON, as JSON.parse does', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          json.map((text) => text.slice(0, -1)),
        ),
        (text) => {
          expect(accepts(() => parseLosslessJson(text))).to.equal(accepts(() => JSON.parse(text)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('writes 64-bit integers as numbers, digit by digit, wherever they stand', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
        fc.string(),
        (ids, text) => {
          const written = stringifyJson({ [text]: ids.map((id) => new JsonInteger(String(id))), text });
          const read = parse(written) as Record<string, unknown[]>;
          const digits = (text === 'text' ? [] : (read[text] ?? [])).map((value) =>
            isLosslessNumber(value) ? value.value : value,
          );
          if (text !== 'text') expect(digits).to.deep.equal(ids.map(String));
          expect(read['text']).to.equal(text);
        },
      ),
    );
  });
});

function accepts(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
