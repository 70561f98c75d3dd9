import { expect } from 'chai';
import { note } from '../../../../src/lib/cli/launch/surroundings.js';
import type { Host } from '../../../../src/lib/cli/host.js';
import { recordingOutput } from '../../../support/context.js';

describe('notes of a launch', () => {
  const noted = (line: string, columns: number | undefined): string => {
    const stderr = recordingOutput(columns);
    note({ io: { stderr } } as unknown as Host, line);
    return stderr.text;
  };

  it('are wrapped between words on a terminal alone', () => {
    const line = 'Runs keep the PATH of the shell that started the local workspace.';
    expect(noted(line, 40)).to.equal('Runs keep the PATH of the shell that\nstarted the local workspace.\n');
    expect(noted(line, undefined)).to.equal(`${line}\n`);
  });

  it('that are points of a list go on below their own beginning', () => {
    expect(noted('  - It runs on the CPU: this machine has no GPU.', 30)).to.equal(
      '  - It runs on the CPU: this\n    machine has no GPU.\n',
    );
  });

  it('leave addresses and commands in one piece', () => {
    const address = `http://127.0.0.1:40403/${'a'.repeat(60)}`;
    expect(noted(`See ${address}`, 40)).to.equal(`See\n${address}\n`);
    const commands =
      'Follow it: air logs 5501671404549720 --local\nOpen it:   air local open 5501671404549720';
    expect(noted(commands, 43)).to.equal(
      'Follow it:\nair logs 5501671404549720 --local\nOpen it:   air local open 5501671404549720\n',
    );
  });
});
