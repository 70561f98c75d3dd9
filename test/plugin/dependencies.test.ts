import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { packageRoot } from '../support/cli.js';

describe('the dependencies of the package', () => {
  it('run no script when they are installed, except for yarn below the plugin commands', () => {
    const lock = JSON.parse(readFileSync(`${packageRoot}/package-lock.json`, 'utf8')) as {
      packages: Record<string, { dev?: boolean; hasInstallScript?: boolean }>;
    };
    const scripted = Object.entries(lock.packages)
      .filter(([, { dev, hasInstallScript }]) => hasInstallScript === true && dev !== true)
      .map(([place]) => place);
    expect(scripted.filter((place) => place !== '')).to.deep.equal(['node_modules/yarn']);
  });
});
