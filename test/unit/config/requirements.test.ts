import { expect } from 'chai';
import { load as loadYaml } from 'js-yaml';
import { loadConfig } from '../../../src/lib/config/load.js';
import type { LoadedConfig } from '../../../src/lib/config/types.js';
import type { AirError } from '../../../src/lib/errors.js';
import { configFolder, places, workload } from '../../support/config.js';

/** Loads a workload beside a requirements file. */
async function loadBeside(name: string, requirements: string, environment: string[]): Promise<LoadedConfig> {
  const folder = configFolder();
  folder.write(name, requirements);
  return loadConfig(folder.write('train.yaml', workload('environment:', ...environment)));
}

async function errorBeside(name: string, requirements: string, environment: string[]): Promise<AirError> {
  return loadBeside(name, requirements, environment).then(
    () => expect.fail('valid'),
    (error: unknown) => error as AirError,
  );
}

describe('a requirements file', () => {
  it('of YAML is inlined with its version, into the uploaded configuration too', async () => {
    const loaded = await loadBeside(
      'req.yaml',
      "version: '5'\ndependencies:\n  - torch==2.8\n  - -r /Workspace/x.txt\n",
      ['  dependencies: req.yaml # beside this file'],
    );
    const environment = { dependencies: ['torch==2.8', '-r /Workspace/x.txt'], version: '5' };
    expect(loaded.config.environment).to.deep.equal(environment);
    expect(loadYaml(loaded.trainingConfig)).to.have.property('environment').that.deep.equals(environment);
  });

  it('of text is read as pip reads it', async () => {
    const text = '# all\ntorch==2.8  # pinned\r\n\n--extra-index-url https://x/#y\nnumpy \\\n  >=1\n';
    const { config } = await loadBeside('req.txt', text, ['  dependencies: ./req.txt', '  version: 6']);
    expect(config.environment).to.deep.equal({
      dependencies: ['torch==2.8', '--extra-index-url https://x/#y', 'numpy >=1'],
      version: '6',
    });
  });

  it('may say the version that the workload says, and no other', async () => {
    const same = await loadBeside('r.yml', 'environment_version: 5\ndependencies: []\n', [
      '  version: 5',
      '  dependencies: r.yml',
    ]);
    expect(same.config.environment).to.deep.equal({ version: '5', dependencies: [] });
    const error = await errorBeside('r.yml', 'version: 4\ndependencies: []\n', [
      '  version: 5',
      '  dependencies: r.yml',
    ]);
    expect(places(error.details ?? [])).to.deep.equal(['environment.version 7:12']);
    expect(error.details?.[0]?.message).to.contain('5').and.to.contain('4');
  });

  const wrong: [name: string, text: string, place: string, message: RegExp][] = [
    ['other.txt', '', 'train.yaml 7:17', /no such file/],
    ['req.yaml', 'dependencies: torch\n', 'req.yaml 1:15', /needs a list/],
    ['req.yaml', '- torch\n', 'req.yaml 1:1', /no YAML map/],
    ['req.yaml', 'dependencies: [a\n', 'req.yaml 1:17', /not valid YAML/],
    ['req.yaml', 'dependencies:\n  - {a: b}\n', 'req.yaml 2:5', /is a map: expected a pip requirement/],
    ['req.yaml', 'version: x\ndependencies: []\n', 'req.yaml 1:10', /version/],
    ['req.txt', 'a\n-r more.txt\n', 'req.txt 2:1', /from within another/],
  ];
  for (const [name, text, place, message] of wrong) {
    it(`${name} with ${JSON.stringify(text)} is shown at its own place`, async () => {
      const named = name === 'other.txt' ? 'req.txt' : name;
      const error = await errorBeside(name, text, [`  dependencies: ${named}`]);
      expect(error).to.include({ code: 'INVALID_CONFIG' });
      const [problem, ...others] = error.details ?? [];
      expect(others).to.deep.equal([]);
      expect(`${problem?.file.split('/').at(-1)} ${problem?.line}:${problem?.column}`).to.equal(place);
      expect(problem?.message).to.match(message);
    });
  }

  it('is told from a single package', async () => {
    const error = await errorBeside('x.txt', '', ['  dependencies: torch']);
    expect(error.details?.[0]?.hint).to.contain('dependencies: ["torch"]');
  });
});
