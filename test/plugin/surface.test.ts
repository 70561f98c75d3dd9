import { expect } from 'chai';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../support/cli.js';
import { commandSurface, declarations, typeSurface } from '../support/surface.js';

/** Others build on these. A difference is a change for them: see "Versions" in docs/plugins.md. */
describe('the surface of the package', function () {
  this.timeout(60_000);
  const modules = ['plugin.d.ts', 'plugin-testing.d.ts'];
  let program: ReturnType<typeof declarations>;
  before(() => {
    program = declarations(modules);
  });

  for (const [what, name, read] of [
    ['commands, arguments and flags', 'commands.txt', commandSurface],
    ['types for plugins', 'plugin.d.ts.txt', () => typeSurface(program, 'plugin.d.ts')],
    [
      'types for the tests of plugins',
      'plugin-testing.d.ts.txt',
      () => typeSurface(program, 'plugin-testing.d.ts'),
    ],
  ] as const) {
    it(`has the ${what} that are written down (to write them anew: npm run surface)`, async () => {
      const file = join(packageRoot, 'test', 'plugin', 'surface', name);
      const text = await read();
      if (process.env['UPDATE_SURFACE']) writeFileSync(file, text);
      expect(text).to.equal(existsSync(file) ? readFileSync(file, 'utf8') : '');
    });
  }
});
