import { expect } from 'chai';
import fc from 'fast-check';
import { Ledger } from '../../../src/lib/logs/ledger.js';

function fromService(ledger: Ledger, bodies: readonly string[]): string[] {
  return bodies.filter((body) => ledger.fromService(0, body));
}

function fromFile(ledger: Ledger, bodies: readonly string[]): string[] {
  return bodies.filter((body) => ledger.fromFile(0, body));
}

describe('the ledger between two sources of lines', () => {
  it('prints only what the first source had not brought', () => {
    const ledger = new Ledger();
    expect(fromService(ledger, ['a', 'b'])).to.deep.equal(['a', 'b']);
    expect(fromFile(ledger, ['a', 'b', 'c'])).to.deep.equal(['c']);
    expect(fromService(ledger, ['c', 'd'])).to.deep.equal(['d']);
  });

  it('prints of equal lines as many as there are', () => {
    const ledger = new Ledger();
    fromService(ledger, ['same', 'same']);
    expect(fromFile(ledger, ['same', 'same', 'same'])).to.deep.equal(['same']);
  });

  it('keeps nodes apart', () => {
    const ledger = new Ledger();
    fromService(ledger, ['a']);
    expect(ledger.fromFile(1, 'a')).to.equal(true);
  });

  it('prints every line once, whatever the lines are and whenever sources change', () => {
    const line = fc.constantFrom('', 'a', 'b', 'loss');
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(20)), (log, stretches) => {
        const ledger = new Ledger();
        const printed: string[] = [];
        const read = { service: 0, files: 0 };
        const all = [...stretches, log.length, log.length];
        all.forEach((stretch, index) => {
          const isService = index % 2 === 0;
          const from = isService ? read.service : read.files;
          const part = log.slice(from, from + stretch);
          printed.push(...(isService ? fromService(ledger, part) : fromFile(ledger, part)));
          if (isService) read.service += part.length;
          else read.files += part.length;
        });
        expect([...printed].sort()).to.deep.equal([...log].sort());
      }),
    );
  });

  it('leaves out the lines of a file that are older than the tail it began with', () => {
    const ledger = new Ledger();
    const log = Array.from({ length: 30 }, (_, number) => `line ${number}`);
    ledger.beganInMidLog();
    fromService(ledger, log.slice(10, 25));
    expect(fromFile(ledger, log)).to.deep.equal(log.slice(25));
  });

  it('skips by count what it can no longer remember', () => {
    const ledger = new Ledger();
    const log = Array.from({ length: 70_000 }, (_, number) => `line ${number}`);
    fromService(ledger, log);
    expect(fromFile(ledger, [...log, 'new'])).to.deep.equal(['new']);
  });
});
