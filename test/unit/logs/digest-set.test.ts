import { expect } from 'chai';
import fc from 'fast-check';
import { DigestSet } from '../../../src/lib/logs/digest-set.js';

/** Digests have 53 bits; those with equal low bits compete for the same place. */
const digest = fc.oneof(
  fc.maxSafeNat(),
  fc.tuple(fc.nat(2 ** 21 - 1), fc.nat(3)).map(([high, low]) => high * 2 ** 32 + low),
);

describe('a set of digests', () => {
  it('holds what a set holds', () => {
    fc.assert(
      fc.property(fc.array(digest, { maxLength: 3000 }), fc.array(digest), (added, others) => {
        const [set, model] = [new DigestSet(), new Set<number>()];
        for (const each of added) {
          set.add(each);
          // Zero stands for a free place, so it counts as one.
          model.add(each || 1);
        }
        expect(set.size).to.equal(model.size);
        for (const each of [...added, ...others]) expect(set.has(each)).to.equal(model.has(each || 1));
      }),
    );
  });
});
