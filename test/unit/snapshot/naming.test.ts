import { expect } from 'chai';
import { commitKey } from '../../../src/lib/launch/snapshot/commit.js';

const sha = 'a3492b801c0ffee00000000000000000000dead';

describe('names of pinned commits', () => {
  const vectors: [title: string, commit: string, paths: string[], prefix: string, key: string][] = [
    ['no paths', sha, [], '', '8d7bc445ac83dfe432a353718ae8b1ae40eb00c860352662e6df96b7fdf862a5'],
    ['all zeros', '0'.repeat(40), [], '', 'a07e0fa4d38f3c2d08c3ff6bbff0158cea01796aaaf5368b0d0e247cebd27c80'],
    ['one path', sha, ['research'], '', '97bd562ad591af23b9a05651d88c01abbbcc24632e9a8f2534230a61492b9e0a'],
    ['sorted', sha, ['a', 'b', 'c'], '', '17d021577e3615e9a603a2f701f918d74ad16218efc4b2950ee20f6a18b1a174'],
    [
      'unsorted',
      sha,
      ['c', 'a', 'b'],
      '',
      '17d021577e3615e9a603a2f701f918d74ad16218efc4b2950ee20f6a18b1a174',
    ],
    [
      'blanks around',
      sha,
      ['  research  ', '  data '],
      '',
      'c6a6fa1d866ac90a5f371610ee08efa8aeb061a43b8a4acae30765db21f4155b',
    ],
    [
      'nested',
      'deadbeef'.repeat(5),
      ['src/models', 'src/data', 'README.md'],
      '',
      '2b18452b1019186a8e5b34af540a0545f96f24bc61771f58fa71fc218cb0275c',
    ],
    ['short', 'a3492b8', [], '', '16be4d7d83ecd01b8d3d274dafb07b3bccc72cf7f7299578e634cd01e1825345'],
    ['twice', sha, ['x', 'x', 'y'], '', '407a5d8c3a0e9438d5abf653c4d3a43928c300b5630e2f83f435661b9fbd599e'],
    ['once', sha, ['x', 'y'], '', 'c67ad1200e70f0b9ca7b900a2f0a85e109aca8b3e20f8b73b575d649b565eb11'],
    ['subtree', sha, [], 'sub/dir', 'cd1096f086cc6f8c25f21345db6394b4d04d595bbbc2e6c33ae4b1ec20f95f66'],
    [
      'subtree and path',
      sha,
      ['research'],
      'a/src',
      'c5f1ac43f26cb13db05f0dfccf7f840f4c2628884d308064b1792c75d88e01cf',
    ],
  ];
  for (const [title, commit, paths, prefix, key] of vectors) {
    it(`are those of other clients: ${title}`, () => {
      expect(commitKey(commit, paths, prefix)).to.equal(key);
    });
  }
});
