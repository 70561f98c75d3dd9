import { expect } from 'chai';
import { KeyReader, keysOf, type Key } from '../../../../src/lib/cli/terminal/keys.js';

describe('keys of a terminal', () => {
  it('are read from what it sends', () => {
    expect(
      keysOf('\u001B[A\u001BOB\u001B[5~jé日\r\u007F\u0003\u001B').map((key) => key.text ?? key.name),
    ).to.deep.equal(['up', 'down', 'pageUp', 'j', 'é', '日', 'enter', 'backspace', 'interrupt', 'escape']);
  });

  it('are whole wherever the line cuts them', async () => {
    const keys: Key[] = [];
    const reader = new KeyReader((key) => keys.push(key));
    const bytes = Buffer.from('\u001B[A日');
    for (const byte of bytes) reader.feed(Buffer.of(byte));
    reader.feed('\u001B');
    expect(keys.map((key) => key.text ?? key.name)).to.deep.equal(['up', '日']);
    while (keys.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(keys[2]?.name).to.equal('escape');
    reader.feed('\u001B[');
    reader.close();
  });

  it('that mean nothing are passed over', () => {
    expect(keysOf('\u001B[1;5C\u001B[15~\u0001')).to.deep.equal([]);
  });
});
