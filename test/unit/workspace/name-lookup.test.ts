import { expect } from 'chai';
import type { LookupAddress } from 'node:dns';
import { lookUpName } from '../../../src/lib/workspace/name-lookup.js';

describe('the lookup of a name', () => {
  const resolverOptions = () => process.env['RES_OPTIONS'];
  let before: string | undefined;
  beforeEach(() => {
    before = resolverOptions();
    delete process.env['RES_OPTIONS'];
  });
  afterEach(() => {
    if (before === undefined) delete process.env['RES_OPTIONS'];
    else process.env['RES_OPTIONS'] = before;
  });

  const look = (name: string, all = true) =>
    new Promise<string | LookupAddress[]>((resolve, reject) => {
      lookUpName(name, { all }, (error, found) => (error ? reject(error) : resolve(found)));
    });

  it('answers as the system does, everyone who asked the same meanwhile, and each in the form asked for', async () => {
    const [one, two, single] = await Promise.all([
      look('localhost'),
      look('localhost'),
      look('localhost', false),
    ]);
    expect(one).to.be.an('array').that.deep.equals(two);
    expect((one as LookupAddress[]).map(({ address }) => address)).to.include(single);
  });

  it('passes on that there is no such name, and asks again afterwards', async () => {
    for (const _ of [1, 2]) {
      const error = await look('no-such-name.invalid').catch((thrown: unknown) => thrown);
      expect(error).to.have.property('code').that.is.oneOf(['ENOTFOUND', 'EAI_AGAIN']);
    }
  });

  it('sets limits to the resolver only meanwhile', async () => {
    const looking = [look('localhost'), look('localhost', false)];
    expect(resolverOptions()).to.equal('timeout:1 attempts:2');
    await Promise.all(looking);
    expect(resolverOptions()).to.equal(undefined);
  });

  it('leaves the limits that the user set', async () => {
    process.env['RES_OPTIONS'] = 'timeout:9';
    await look('localhost');
    expect(resolverOptions()).to.equal('timeout:9');
  });
});
