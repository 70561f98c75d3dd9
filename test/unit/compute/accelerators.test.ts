import { expect } from 'chai';
import {
  acceleratorLabel,
  acceleratorNames,
  acceleratorTypes,
  displayName,
  gpusPerNode,
  isLegacyAccelerator,
  nodeCount,
} from '../../../src/lib/compute/accelerators.js';

describe('GPU type table', () => {
  const expected = [
    { name: 'GPU_1xA10', perNode: 1, display: 'A10', memory: 24 },
    { name: 'GPU_1xH100', perNode: 1, display: 'H100', memory: 80 },
    { name: 'GPU_8xH100', perNode: 8, display: 'H100', memory: 80 },
    { name: 'GPU_8xB300', perNode: 8, display: 'B300', memory: 288 },
  ];

  it('lists the types in the order shown to users', () => {
    expect(acceleratorNames).to.deep.equal(expected.map(({ name }) => name));
  });

  for (const { name, perNode, display, memory } of expected) {
    it(`knows ${name}`, () => {
      expect(gpusPerNode(name)).to.equal(perNode);
      expect(displayName(name)).to.equal(display);
      expect(acceleratorTypes.find((type) => type.name === name)?.memoryGB).to.equal(memory);
      expect(nodeCount(name, perNode * 3)).to.equal(3);
    });
  }

  it('agrees with the number that each name carries', () => {
    for (const { name, gpusPerNode: count } of acceleratorTypes) {
      expect(/^GPU_(\d+)x/.exec(name)?.[1]).to.equal(String(count));
    }
  });

  for (const name of ['a10', 'h100_80gb', 'gpu_1xa10', 'GPU_4xH100', '']) {
    it(`has no GPUs per node for ${JSON.stringify(name)}`, () => {
      expect(() => gpusPerNode(name)).to.throw(RangeError, JSON.stringify(name));
    });
  }

  it('shows legacy names but does not list them', () => {
    expect(displayName('a10')).to.equal('A10');
    expect(displayName('h100_80gb')).to.equal('H100');
    expect(isLegacyAccelerator('a10')).to.equal(true);
    expect(isLegacyAccelerator('toString')).to.equal(false);
    expect(acceleratorNames).not.to.include('a10');
  });

  it('labels an allocation', () => {
    expect(acceleratorLabel('GPU_8xH100', 16)).to.equal('16x H100');
    expect(acceleratorLabel('GPU_9xNEW', 9)).to.equal('9x GPU_9xNEW');
    expect(acceleratorLabel(undefined, 8)).to.equal('8x');
    expect(acceleratorLabel('GPU_1xA10', 0)).to.equal('');
  });
});
