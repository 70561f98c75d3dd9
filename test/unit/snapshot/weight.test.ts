import { expect } from 'chai';
import fc from 'fast-check';
import { heaviestPaths } from '../../../src/lib/launch/snapshot/weight.js';

const places = (limit: number, files: Record<string, number>) =>
  heaviestPaths(
    Object.entries(files).map(([path, bytes]) => ({ path, bytes })),
    limit,
  ).map(({ path, bytes }) => [path, bytes]);

describe('the heaviest places of a tree', () => {
  it('are its top-level files and folders, the heaviest first, no more than asked for', () => {
    const files = { 'a/x': 40, 'a/y': 60, 'b.bin': 70, 'c/x': 30, 'c/y': 31 };
    expect(places(2, files)).to.deep.equal([
      ['a/', 100],
      ['b.bin', 70],
    ]);
  });

  it('say where in a folder the bytes are, as long as nearly all of them are in one child', () => {
    expect(places(1, { 'data/raw/big.bin': 950, 'data/raw/small': 10, 'data/notes': 20 })).to.deep.equal([
      ['data/raw/big.bin', 950],
    ]);
    expect(places(1, { 'data/raw/a': 500, 'data/raw/b': 500, 'data/notes': 20 })).to.deep.equal([
      ['data/raw/', 1000],
    ]);
  });

  it('of the same weight stand in the order of their names; empty files have one too', () => {
    expect(places(3, { 'b/x': 0, a: 0, c: 0 })).to.deep.equal([
      ['a', 0],
      ['b/', 0],
      ['c', 0],
    ]);
    expect(places(3, {})).to.deep.equal([]);
  });

  it('never lie inside one another, and weigh what lies in them', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
      .map((parts) => `${parts.join('/')}.f`);
    const tree = fc.uniqueArray(fc.record({ path, bytes: fc.nat(1000) }), { selector: (file) => file.path });
    fc.assert(
      fc.property(tree, fc.integer({ min: 1, max: 5 }), (files, limit) => {
        const found = heaviestPaths(files, limit);
        const holds = (place: string, file: string) =>
          place.endsWith('/') ? file.startsWith(place) : file === place;
        for (const place of found) {
          const inside = files.filter((file) => holds(place.path, file.path));
          expect(place.bytes).to.equal(inside.reduce((sum, file) => sum + file.bytes, 0));
        }
        for (const file of files) {
          expect(found.filter((place) => holds(place.path, file.path)).length).to.be.lessThan(2);
        }
        expect(found.map(({ bytes }) => bytes)).to.deep.equal(
          found.map(({ bytes }) => bytes).sort((a, b) => b - a),
        );
      }),
    );
  });
});
