import { expect } from 'chai';
import { editDistance, nearest } from '../../src/lib/nearest.js';

describe('nearest word', () => {
  it('counts edits', () => {
    expect(editDistance('kitten', 'sitting')).to.equal(3);
    expect(editDistance('', 'abc')).to.equal(3);
    expect(editDistance('same', 'same')).to.equal(0);
  });

  it('finds what was meant', () => {
    expect(nearest('comandd', ['compute', 'command', 'secrets'])).to.equal('command');
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
