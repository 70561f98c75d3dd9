import { expect } from 'chai';
import { AirError } from '../../../src/lib/errors.js';
import { parseNodes } from '../../../src/lib/logs/selection.js';

describe('a list of nodes', () => {
  const lists: [text: string, nodes: number[]][] = [
    ['0', [0]],
    ['0,3-5', [0, 3, 4, 5]],
    ['5,1,1-2', [1, 2, 5]],
    [' 2 - 3 , 0 ', [0, 2, 3]],
    ['7-7', [7]],
  ];
  for (const [text, nodes] of lists) {
    it(`${JSON.stringify(text)} names ${nodes.join(', ')}`, () => {
      expect(parseNodes(text)).to.deep.equal(nodes);
    });
  }

  for (const text of ['', 'all', '-1', '1-', '3-1', '0,,1', '1.5', '1024', '0-99999', '0;1']) {
    it(`${JSON.stringify(text)} names none`, () => {
      expect(() => parseNodes(text))
        .to.throw(AirError)
        .with.property('code', 'INVALID_ARGS');
    });
  }
});
