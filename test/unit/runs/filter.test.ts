import { expect } from 'chai';
import fc from 'fast-check';
import { AirError } from '../../../src/lib/errors.js';
import { matches, parseFilters } from '../../../src/lib/runs/list/filter.js';
import { globExpression } from '../../../src/lib/runs/list/glob.js';
import { lifeCycleStates, resultStates } from '../../../src/lib/workspace/contract/index.js';
import { trainingRun, trainingTask } from '../../support/training-runs.js';

const holds = (...items: string[]) => matches(trainingRun(), parseFilters(items));

describe('filters of a list', () => {
  it('compare what the columns show', () => {
    expect(holds('user=Alice@example.com')).to.equal(true);
    expect(holds('user=bob@example.com')).to.equal(false);
    expect(holds('experiment=RES*')).to.equal(true);
    expect(holds('experiment=res')).to.equal(false);
    expect(holds('accelerator_type=h100')).to.equal(true);
    expect(holds('accelerator_type=GPU_8xH100')).to.equal(true);
    expect(holds('accelerator_type=GPU_1xH100')).to.equal(false);
    expect(holds('accelerator_type=H')).to.equal(false);
    expect(holds('num_accelerators=16')).to.equal(true);
    expect(holds('num_accelerators=1')).to.equal(false);
    expect(holds('status=success')).to.equal(true);
    expect(holds('status=FAILED')).to.equal(false);
  });

  it('find historical GPU names by what they are called now', () => {
    const run = trainingRun({
      tasks: [trainingTask({ gen_ai_compute_task: { compute: { gpu_type: 'h100_80gb', num_gpus: 8 } } })],
    });
    expect(matches(run, parseFilters(['accelerator_type=H100']))).to.equal(true);
  });

  it('must hold for every key, and for any value of one key', () => {
    expect(holds('status=FAILED', 'status=SUCCESS')).to.equal(true);
    expect(holds('status=SUCCESS', 'num_accelerators=8')).to.equal(false);
  });

  it('hold for no run that lacks the field', () => {
    for (const item of ['user=a', 'experiment=a*', 'accelerator_type=A10', 'num_accelerators=1']) {
      expect(matches({}, parseFilters([item])), item).to.equal(false);
    }
  });

  it('know every status, and tell which one was meant', () => {
    for (const status of [...lifeCycleStates, ...resultStates, 'UNKNOWN', 'canceled']) {
      expect(parseFilters([`status=${status}`]).statuses).to.deep.equal([status.toUpperCase()]);
    }
    expect(() => parseFilters(['status=cancelled']))
      .to.throw(AirError)
      .with.property('hint', 'Did you mean: --filter status=CANCELED');
  });

  it('are refused with the item and what would be right', () => {
    const wrong: [string, RegExp][] = [
      ['H100', /KEY=VALUE/],
      ['=x', /KEY=VALUE/],
      ['colour=red', /no key "colour"/],
      ['acelerator_type=A10', /no key/],
      ['num_accelerators=0', /positive/],
      ['num_accelerators=eight', /positive/],
      ['experiment=[a', /pattern/],
      ['user=', /no value/],
      ['status=FAILD', /no status "FAILD".*\bFAILED\b.*\bUNKNOWN\b/],
    ];
    for (const [item, message] of wrong) {
      let thrown: unknown;
      try {
        parseFilters([item]);
      } catch (error) {
        thrown = error;
      }
      expect(thrown, item).to.be.instanceOf(AirError).and.to.include({ code: 'INVALID_ARGS' });
      expect((thrown as AirError).message, item)
        .to.match(message)
        .and.contain(JSON.stringify(item));
    }
  });
});

describe('globs', () => {
  const fits = (pattern: string, text: string) => globExpression(pattern)?.test(text);

  it('cross slashes and know sets, single characters and escapes', () => {
    expect(fits('*', 'team/resnet')).to.equal(true);
    expect(fits('team/*', 'team/a/b')).to.equal(true);
    expect(fits('r?s', 'RES')).to.equal(true);
    expect(fits('r?s', 'rees')).to.equal(false);
    expect(fits('[a-c]x', 'bx')).to.equal(true);
    expect(fits('[!a-c]x', 'bx')).to.equal(false);
    expect(fits('\\*', '*')).to.equal(true);
    expect(fits('\\*', 'x')).to.equal(false);
    expect(fits('日?', '日本')).to.equal(true);
    expect(globExpression('[a')).to.equal(null);
    expect(globExpression('a\\')).to.equal(null);
    expect(globExpression('[z-a]')).to.equal(null);
  });

  it('find every text by itself, escaped, and by its beginning', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, rest) => {
        const escaped = text.replace(/[*?[\]\\]/g, '\\$&');
        expect(fits(escaped, text)).to.equal(true);
        expect(fits(`${escaped}*`, text + rest)).to.equal(true);
      }),
    );
  });
});
