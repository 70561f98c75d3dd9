import { expect } from 'chai';
import { environmentSpec } from '../../../src/lib/launch/environment.js';

describe('environment of a launch', () => {
  const cases: [title: string, version: string | undefined, image: string | undefined, spec: object][] = [
    ['falls back to the default', undefined, undefined, { environment_version: '6' }],
    [
      'takes the runtime image when the file is silent',
      undefined,
      'CLIENT-GPU-5',
      { environment_version: '5' },
    ],
    ['lets the file win', '4', 'CLIENT-GPU-5', { environment_version: '4' }],
    ['strips the channel of the file too', 'CLIENT-GPU-7', undefined, { environment_version: '7' }],
    ['reads a blank runtime image as none', undefined, ' ', { environment_version: '6' }],
    [
      'turns a Databricks AI version into a base environment',
      'Databricks_AI_v5',
      undefined,
      { base_environment: 'workspace-base-environments/databricks_ai_v5' },
    ],
  ];
  for (const [title, version, image, spec] of cases) {
    it(title, () => {
      expect(environmentSpec(version === undefined ? {} : { version }, image)).to.deep.equal(spec);
    });
  }

  it('sends dependencies in their order, and no empty list', () => {
    expect(environmentSpec({ dependencies: ['torch==2.9', 'einops'] }, undefined)).to.deep.equal({
      environment_version: '6',
      dependencies: ['torch==2.9', 'einops'],
    });
    expect(environmentSpec({ dependencies: [] }, undefined)).to.deep.equal({ environment_version: '6' });
    expect(environmentSpec(undefined, undefined)).to.deep.equal({ environment_version: '6' });
  });
});
