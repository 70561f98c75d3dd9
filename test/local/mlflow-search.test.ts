import { expect } from 'chai';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AirError } from '../../src/lib/errors.js';
import { Database } from '../../src/lib/local/store/database.js';
import { parseFilter } from '../../src/lib/local/store/tracking-filter.js';
import { Tracking, trackingSchema } from '../../src/lib/local/store/tracking.js';

describe('searching MLflow runs', () => {
  let folder: string;
  let database: Database;
  let tracking: Tracking;
  let experiment: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'air-tracking-'));
    database = Database.open(join(folder, 'tracking.db'), [trackingSchema]);
    tracking = new Tracking(database);
    experiment = tracking.experiments.create('/searched');
    await addRun(
      's0',
      { score: 0, odd: Number.NaN },
      { model: 'cnn' },
      { 'group name': 'a', team: 'Vision' },
    );
    await addRun('s1', { score: 1, odd: Infinity }, { model: 'rnn' }, { 'group name': 'b', team: "O'Neill" });
    await addRun(
      's2',
      { score: 2.5, odd: -Infinity, 'val/f1': 0.5 },
      { model: 'cnn', 'a b': '1' },
      { team: '50%' },
    );
    await addRun('s3', {}, {}, {});
    tracking.runs.update(idOf('s3'), { status: 'FAILED', endTime: 99 });
    tracking.runs.logInput(idOf('s1'), { name: 'digits', digest: 'abc' }, {});
  });
  after(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const matching: [string, string[]][] = [
    ['', ['s0', 's1', 's2', 's3']],
    ['   ', ['s0', 's1', 's2', 's3']],
    ['metrics.score > 0.9', ['s1', 's2']],
    ['metrics.score >= 0 AND metrics.score<1', ['s0']],
    ['metrics.score = 1e0', ['s1']],
    ['metric.score != 1', ['s0', 's2']],
    ['metrics.`val/f1` = .5', ['s2']],
    ['metrics."val/f1" = +0.5', ['s2']],
    ['metrics.val/f1 <= 0.5', ['s2']],
    ['metrics.odd > 5', ['s1']],
    ['metrics.odd < -5', ['s2']],
    ["params.model = 'cnn'", ['s0', 's2']],
    ['params.model == "cnn"', ['s0', 's2']],
    ["params.model != 'cnn'", ['s1']],
    ["params.`a b` = '1'", ['s2']],
    ["params.model IN ('rnn', 'mlp')", ['s1']],
    ["param.model not in ('rnn')", ['s0', 's2']],
    ['params.model IS NULL', ['s3']],
    ['params.model is not null', ['s0', 's1', 's2']],
    ["tags.`group name` = 'b'", ['s1']],
    ["tags.team = 'O''Neill'", ['s1']],
    ["tags.team LIKE 'Vis%'", ['s0']],
    ["tags.team LIKE 'vis%'", []],
    ["tags.team ILIKE 'vis%'", ['s0']],
    ["tags.team LIKE '50*'", []],
    ["tags.team LIKE '_0%'", ['s2']],
    ["attributes.run_name LIKE 's_'", ['s0', 's1', 's2', 's3']],
    ["run_name = 's1'", ['s1']],
    ["attributes.`Run name` = 's1'", ['s1']],
    ["tags.mlflow.runName = 's1'", ['s1']],
    ["status = 'FAILED'", ['s3']],
    ["status != 'FAILED' and metrics.score > 1", ['s2']],
    ['attributes.start_time > 1001', ['s2', 's3']],
    ['end_time = 99', ['s3']],
    ["dataset.name = 'digits' AND datasets.digest LIKE 'a%'", ['s1']],
  ];
  for (const [filter, names] of matching) {
    it(`finds ${names.join(', ') || 'nothing'} by ${JSON.stringify(filter)}`, () => {
      expect(found(filter, ['start_time'])).to.deep.equal(names);
    });
  }

  const refused: [string, string][] = [
    ['metrics.score', 'no comparator'],
    ['metrics.score >>> 1', "'> 1'|no value|makes no sense"],
    ['metrics.score > 1 OR metrics.score < 0', 'only AND'],
    ['metrics.score > 1 AND', 'begins with a name'],
    ["metrics.score > '1'", 'is a number'],
    ['params.model = 1', 'is text'],
    ["params.model > 'a'", 'compares numbers'],
    ["metrics.score LIKE '1%'", 'is a number'],
    ['oops.score = 1', 'oops.score'],
    ["shoe_size = '1'", 'shoe_size'],
    ["params.model IN 'a'", 'parentheses'],
    ["params.model IN ('a'", 'commas'],
    ["params.model = 'open", 'makes no sense'],
    ["datasets.size = '1'", 'datasets.size'],
  ];
  for (const [filter, why] of refused) {
    it(`refuses ${JSON.stringify(filter)}`, () => {
      expect(() => found(filter)).to.throw(AirError, new RegExp(why));
    });
  }

  it('orders by anything, rows without the value last in both directions', () => {
    expect(found('', ['metrics.score DESC'])).to.deep.equal(['s2', 's1', 's0', 's3']);
    expect(found('', ['metrics.score ASC'])).to.deep.equal(['s0', 's1', 's2', 's3']);
    expect(found('', ['params.model', 'metrics.score desc'])).to.deep.equal(['s2', 's0', 's1', 's3']);
    expect(found('', ['attributes.start_time DESC'])).to.deep.equal(['s3', 's2', 's1', 's0']);
    expect(found('')).to.deep.equal(['s3', 's2', 's1', 's0']);
    expect(() => found('', ['oops.score'])).to.throw(AirError, /oops/);
  });

  it('reads any key and any text that is quoted, and compares it as it stands', () => {
    const quotedText = fc.string({ unit: 'grapheme', maxLength: 20 });
    const key = quotedText.filter((text) => text !== '' && !/[`\0]/.test(text));
    fc.assert(
      fc.property(key, quotedText, (name, text) => {
        const filter = `tags.\`${name}\` = '${text.replaceAll("'", "''")}'`;
        expect(parseFilter(filter)).to.deep.equal([
          { kind: 'tag', key: name, comparator: '=', values: [text] },
        ]);
        expect(found(filter)).to.deep.equal([]);
      }),
    );
  });

  it('answers any text with runs or with a refusal, and never harms the store', () => {
    const words = fc.constantFrom(
      ...[
        'metrics.a',
        "params.'x'",
        'tags.`b`',
        '=',
        '<=',
        'AND',
        'IN',
        '(',
        ')',
        ',',
        "'v'",
        '1',
        'IS',
        'NOT',
      ],
      ...['NULL', 'LIKE', ';', '--', 'DROP TABLE tracking_runs', "'", '`', '"', '?', '\0'],
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 8 }), (parts) => {
        try {
          found(parts.join(' '));
        } catch (error) {
          expect(error).to.be.instanceOf(AirError);
        }
      }),
      { numRuns: 500 },
    );
    expect(found('')).to.have.length(4);
  });

  it('gives each run once over pages', () => {
    const query = { filter: 'metrics.score >= 0', orderBy: ['metrics.score'], stage: 'active' as const };
    const pages = [0, 2].flatMap((offset) =>
      tracking.runs.search([experiment], { ...query, limit: 2, offset }).map(({ runName }) => runName),
    );
    expect(pages).to.deep.equal(['s0', 's1', 's2']);
  });

  it('finds experiments by name, tag and time', () => {
    tracking.experiments.create('/other', { tags: [{ key: 'team', value: 'x' }] });
    const names = (filter: string, orderBy: string[] = ['name']) =>
      tracking.experiments
        .search({ filter, orderBy, stage: 'active', limit: 10, offset: 0 })
        .map(({ name }) => name);
    expect(names('')).to.deep.equal(['/other', '/searched', 'Default']);
    expect(names("name LIKE '/%'", ['name DESC'])).to.deep.equal(['/searched', '/other']);
    expect(names("tags.team = 'x'")).to.deep.equal(['/other']);
    expect(names('creation_time < 5')).to.deep.equal([]);
    expect(() => names('metrics.loss < 1')).to.throw(AirError, /cannot be searched here/);
  });

  let started = 1000;
  async function addRun(
    runName: string,
    metrics: Record<string, number>,
    params: Record<string, string>,
    tags: Record<string, string>,
  ): Promise<void> {
    const pairs = (values: Record<string, string>) =>
      Object.entries(values).map(([key, value]) => ({ key, value }));
    const startTime = started++;
    const runId = tracking.createRun({
      experimentId: experiment,
      runName,
      userId: '',
      startTime,
      tags: pairs(tags),
    });
    await tracking.logBatch(runId, {
      metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: 1n, step: 1n })),
      params: pairs(params),
    });
  }

  function idOf(name: string): string {
    return search(`run_name = '${name}'`, [])[0]?.runId ?? '';
  }

  function search(filter: string, orderBy: string[]) {
    return tracking.runs.search([experiment], { filter, orderBy, stage: 'active', limit: 100, offset: 0 });
  }

  function found(filter: string, orderBy: string[] = []): string[] {
    return search(filter, orderBy).map(({ runName }) => runName);
  }
});
