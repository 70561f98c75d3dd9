import { expect } from 'chai';
import { acceleratorNames } from '../../../src/lib/compute/accelerators.js';
import {
  checkAcceleratorCount,
  checkAcceleratorType,
  checkCompute,
  maxAccelerators,
} from '../../../src/lib/compute/validation.js';

describe('compute validation: type', () => {
  for (const name of acceleratorNames) {
    it(`accepts ${name}`, () => {
      expect(checkAcceleratorType(name)).to.equal(undefined);
    });
  }

  const wrong = [
    { name: 'gpu_8xh100', because: 'upper and lower case', hint: 'GPU_8xH100' },
    { name: 'GPU_8XH100', because: 'upper and lower case', hint: 'GPU_8xH100' },
    { name: ' GPU_1xA10', because: 'exact', hint: 'GPU_1xA10' },
    { name: 'a10', because: 'old runs' },
    { name: 'h100_80gb', because: 'old runs' },
    { name: 'GPU_4xH100', because: 'not a GPU type' },
    { name: 'H100', because: 'not a GPU type' },
    { name: '', because: 'empty' },
  ];
  for (const { name, because, hint } of wrong) {
    it(`refuses ${JSON.stringify(name)}, saying value, rule and valid types`, () => {
      const problem = checkAcceleratorType(name);
      expect(problem?.field).to.equal('accelerator_type');
      expect(problem?.message).to.include(because);
      if (name !== '') expect(problem?.message).to.include(JSON.stringify(name));
      for (const valid of acceleratorNames) expect(problem?.message).to.include(valid);
      if (hint) expect(problem?.hint).to.include(hint);
    });
  }
});

describe('compute validation: the types that were meant', () => {
  const meant: [name: string, hint: string | undefined][] = [
    ['H100', 'Did you mean GPU_1xH100 or GPU_8xH100?'],
    ['h100', 'Did you mean GPU_1xH100 or GPU_8xH100?'],
    ['8xH100', 'Did you mean GPU_8xH100?'],
    ['gpu_8xh100', 'Did you mean GPU_8xH100?'],
    ['a10', 'Did you mean GPU_1xA10?'],
    ['h100_80gb', 'Did you mean GPU_1xH100 or GPU_8xH100?'],
    ['NVIDIA H100', 'Did you mean GPU_1xH100 or GPU_8xH100?'],
    ['GPU_4xH100', 'Did you mean GPU_1xH100 or GPU_8xH100?'],
    ['GPU_8xB30', 'Did you mean GPU_8xB300?'],
    ['GPU_8xB301', 'Did you mean GPU_8xB300?'],
    ['A100', undefined],
    ['gpu', undefined],
    ['x', undefined],
    ['tpu-v5', undefined],
  ];
  for (const [name, hint] of meant) {
    it(`${hint === undefined ? 'are none' : 'are told'} for ${name}`, () => {
      expect(checkAcceleratorType(name)?.hint).to.equal(hint);
    });
  }
});

describe('compute validation: count', () => {
  const right: [number, string | undefined][] = [
    [1, 'GPU_1xA10'],
    [3, 'GPU_1xH100'],
    [8, 'GPU_8xH100'],
    [1024, 'GPU_8xB300'],
    [5, 'GPU_unknown'],
    [5, undefined],
  ];
  for (const [count, type] of right) {
    it(`accepts ${count} of ${type}`, () => {
      expect(checkAcceleratorCount(count, type)).to.equal(undefined);
    });
  }

  const wrong: [number, string, string][] = [
    [0, 'GPU_1xA10', 'positive'],
    [-8, 'GPU_8xH100', 'positive'],
    [1.5, 'GPU_1xA10', 'whole'],
    [NaN, 'GPU_1xA10', 'whole'],
    [maxAccelerators + 1, 'GPU_1xA10', '1024'],
    [12, 'GPU_8xH100', 'multiple of 8'],
    [1, 'GPU_8xB300', 'multiple of 8'],
  ];
  for (const [count, type, because] of wrong) {
    it(`refuses ${count} of ${type}, saying the value and the rule`, () => {
      const problem = checkAcceleratorCount(count, type);
      expect(problem?.field).to.equal('num_accelerators');
      expect(problem?.message).to.include(String(count)).and.include(because);
    });
  }

  it('names the counts that would fit', () => {
    expect(checkAcceleratorCount(12, 'GPU_8xH100')?.hint).to.include('8 or 16').and.include('GPU_1xA10');
    expect(checkAcceleratorCount(3, 'GPU_8xH100')?.hint).to.include('Use 8,');
    expect(checkAcceleratorCount(1020, 'GPU_8xH100')?.hint).to.include('1016 or 1024');
  });

  it('reports type and count together', () => {
    expect(checkCompute('nope', 0).map(({ field }) => field)).to.deep.equal([
      'accelerator_type',
      'num_accelerators',
    ]);
  });
});
