import { expect } from 'chai';
import { differencesFromDatabricks, type LocalWorkload } from '../../../src/lib/local/client/differences.js';

const plain: LocalWorkload = {
  accelerators: '1x A10',
  acceleratorCount: 1,
  nodes: 1,
  machineGpus: 0,
  environment: '6',
  hasDependencies: false,
  hasCode: false,
  usagePolicy: undefined,
  texts: ['echo hello'],
};

function differences(workload: Partial<LocalWorkload>): string {
  return differencesFromDatabricks({ ...plain, ...workload }).join('\n');
}

describe('what differs from Databricks', () => {
  it('is the missing GPU alone for a plain command', () => {
    expect(differencesFromDatabricks(plain)).to.deep.equal([
      'It runs on the CPU: this machine has no GPU, the workload asks for 1x A10.',
    ]);
  });

  it('tells a machine with too few GPUs from one with enough', () => {
    const asked = { accelerators: '2x A10', acceleratorCount: 2 };
    expect(differences({ ...asked, machineGpus: 1 })).to.include('only 1 GPU,');
    expect(differences({ ...asked, machineGpus: 2 })).to.equal('It gets GPUs of this machine, not 2x A10.');
  });

  it('says that several nodes share the machine', () => {
    expect(differences({ nodes: 4 })).to.include('Its 4 nodes share');
  });

  for (const path of ['/Volumes/main/data/x.parquet', '/Workspace/Users/me/a.yaml', '/dbfs/data']) {
    it(`names ${path}, wherever it stands`, () => {
      expect(differences({ texts: [`cat "${path}"`] })).to.include(`${path} is not mounted here.`);
      expect(differences({ texts: ['true', `data: ${path}\n`] })).to.include(`${path} is not mounted`);
    });
  }

  it('takes no other path for a mounted one', () => {
    for (const text of [
      'ls ./Volumes/x',
      'ls /data/Volumes/x',
      'ls $HOME/Workspace/x',
      'ls /VolumesOfMine',
    ]) {
      expect(differences({ texts: [text] }), text).to.not.include('mounted');
    }
  });

  it('leads from the place of the code on Databricks to its variable', () => {
    const text = differences({ texts: ['cd /databricks/code_source/app && ./go'] });
    expect(text).to.include('/databricks/code_source/app').and.include('$CODE_SOURCE_PATH');
  });

  it('names the environment where programs of it may be used', () => {
    const line = 'not those of environment 6';
    for (const command of [
      'python train.py',
      'torchrun --nnodes 2 x.py',
      '/usr/bin/python3.11 -m x',
      'pip list',
    ]) {
      expect(differences({ texts: [command] }), command).to.include(line);
    }
    for (const command of ['echo hello', 'node train.mjs', './my-python-free-tool', 'ls pip-cache']) {
      expect(differences({ texts: [command] }), command).to.not.include(line);
    }
    expect(differences({ hasCode: true })).to.include(line);
    expect(differences({ hasDependencies: true })).to.include('the dependencies listed');
  });

  it('says that a usage policy has no effect', () => {
    expect(differences({ usagePolicy: 'research' })).to.include('The usage policy research has no effect');
  });
});
