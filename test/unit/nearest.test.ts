import { expect } from 'chai';
import fc from 'fast-check';
import { editDistance, nearest } from '../../src/lib/nearest.js';

describe('nearest word', () => {
  it('counts edits', () => {
    expect(editDistance('kitten', 'sitting')).to.equal(3);
    expect(editDistance('', 'abc')).to.equal(3);
    expect(editDistance('same', 'same')).to.equal(0);
  });

  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('rnu', 'run')).to.equal(1);
    expect(editDistance('lsit', 'list')).to.equal(1);
    expect(editDistance('ab', 'ba')).to.equal(1);
    expect(editDistance('aa', 'ab')).to.equal(1);
    expect(editDistance('abcd', 'badc')).to.equal(2);
  });

  it('is the same in both directions, and never more than the longer word', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).to.equal(editDistance(b, a));
        expect(distance).to.be.at.most(Math.max(a.length, b.length));
        expect(distance === 0).to.equal(a === b);
      }),
    );
  });

  it('finds what was meant', () => {
    expect(nearest('comandd', ['compute', 'command', 'secrets'])).to.equal('command');
    expect(nearest('rnu', ['list', 'run', 'wait'])).to.equal('run');
    expect(nearest('Compute', ['compute'])).to.equal('compute');
  });

  it('suggests nothing far away', () => {
    expect(nearest('zebra', ['compute', 'command'])).to.equal(null);
    expect(nearest('x', [])).to.equal(null);
  });

  it('takes the nearest, and of equals the first by name', () => {
    expect(nearest('bat', ['cat', 'bats', 'bad'])).to.equal('bad');
    expect(nearest('lis', ['list', 'logs'])).to.equal('list');
  });
});
