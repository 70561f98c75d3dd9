import { expect } from 'chai';
import type { LogLine } from '../../../src/lib/logs/line.js';
import { SeenRecords } from '../../../src/lib/logs/seen.js';

function line(body: string, time: string | null, node = 0): LogLine {
  return { attempt: 0, node, body, time };
}

describe('records that were seen', () => {
  it('knows a record by its id', () => {
    const seen = new SeenRecords();
    seen.beginPass();
    expect(seen.add(line('a', '1'), 'r1')).to.equal(true);
    expect(seen.add(line('a', '1'), 'r2')).to.equal(true);
    expect(seen.add(line('a', '1'), 'r1')).to.equal(false);
  });

  it('knows a record without an id by its time and text', () => {
    const seen = new SeenRecords();
    seen.beginPass();
    expect(seen.add(line('a', '1'), undefined)).to.equal(true);
    expect(seen.add(line('b', '1'), undefined)).to.equal(true);
    expect(seen.add(line('a', '1', 1), undefined)).to.equal(true);
    expect(seen.add(line('a', '1'), undefined)).to.equal(false);
  });

  it('counts equal lines without a time within each pass', () => {
    const seen = new SeenRecords();
    seen.beginPass();
    const first = [line('a', null), line('a', null)].map((each) => seen.add(each, undefined));
    seen.beginPass();
    const second = [1, 2, 3].map(() => seen.add(line('a', null), undefined));
    expect([first, second]).to.deep.equal([
      [true, true],
      [false, false, true],
    ]);
  });

  it('lets nothing from before a tail through', () => {
    const seen = new SeenRecords();
    seen.beginPass();
    seen.add(line('shown', '50'), 'r50');
    seen.dropUntil('50');
    expect(seen.add(line('older', '49'), 'r49')).to.equal(false);
    expect(seen.add(line('newer', '51'), 'r51')).to.equal(true);
  });

  it('repeats nothing that is too long ago to be remembered', () => {
    const seen = new SeenRecords();
    const count = 500_000;
    seen.beginPass();
    for (let number = 1; number <= count; number++) seen.add(line('a', String(number)), `r${number}`);
    seen.beginPass();
    expect(seen.add(line('a', '1'), 'r1')).to.equal(false);
    expect(seen.add(line('a', String(count)), `r${count}`)).to.equal(false);
    expect(seen.add(line('a', String(count + 1)), `r${count + 1}`)).to.equal(true);
  });
});
