import { expect } from 'chai';
import { plainStyle } from '../../../../src/lib/cli/terminal/style.js';
import { displayWidth } from '../../../../src/lib/cli/terminal/width.js';
import { RunTablePrinter } from '../../../../src/lib/cli/views/run-table.js';
import { recordingOutput } from '../../../support/context.js';
import { summaries } from '../../../support/training-runs.js';

describe('the printed table of runs', () => {
  it('prints titles once, and later groups under them', () => {
    const pipe = recordingOutput();
    const printer = new RunTablePrinter(pipe, plainStyle);
    printer.print(summaries(2));
    printer.print(summaries(1));
    const lines = pipe.text.trimEnd().split('\n');
    expect(lines).to.have.length(4);
    expect(lines[0]).to.match(
      /^Run ID {2}Experiment +Status +Started +Duration +Progress +MLflow +User +Accelerators$/,
    );
    expect(lines[1]).to.match(
      /^1000 {4}resnet-0 +● SUCCESS {2}2026-08-21 10:00:05 +1m 3s +- {2}- +alice@example.com {2}-$/,
    );
    expect(displayWidth(lines[2] ?? '')).to.equal(displayWidth(lines[1] ?? ''));
  });

  for (const columns of [60, 200]) {
    it(`fits ${columns} columns`, () => {
      const terminal = recordingOutput(columns);
      new RunTablePrinter(terminal, plainStyle).print(summaries(6));
      for (const line of terminal.text.trimEnd().split('\n'))
        expect(displayWidth(line)).to.be.at.most(columns);
      expect(terminal.text).to.contain('1005').and.contain('● SUCCESS');
    });
  }
});
