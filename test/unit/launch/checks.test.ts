import { expect } from 'chai';
import type { LoadedConfig } from '../../../src/lib/config/types.js';
import { AirError } from '../../../src/lib/errors.js';
import { preflight } from '../../../src/lib/launch/preflight.js';
import { resolveUsagePolicy } from '../../../src/lib/launch/policy.js';
import type { ValidationRequest } from '../../../src/lib/workspace/contract/index.js';
import { Workspace } from '../../../src/lib/workspace/index.js';
import { testContext } from '../../support/context.js';
import {
  apiError,
  startScriptedWorkspace,
  type Answer,
  type ScriptedWorkspace,
} from '../../support/scripted-workspace.js';

describe('checks before a launch', () => {
  let server: ScriptedWorkspace;
  let workspace: Workspace;

  beforeEach(async () => {
    server = await startScriptedWorkspace();
    workspace = new Workspace(server.target(), testContext(), { userAgent: 'test' });
  });
  afterEach(() => server.close());

  async function failure(work: Promise<unknown>): Promise<AirError> {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(AirError);
    return error as AirError;
  }

  describe('preflight', () => {
    const diagnose: LoadedConfig['diagnose'] = (problems, reporter) =>
      problems.map(({ path, message }) => ({
        path,
        source: reporter ?? 'file',
        file: 'train.yaml',
        line: 1,
        column: 1,
        message,
      }));
    const check = (answer: Answer) => {
      server.script({ 'POST /api/2.0/ai-training/config:validate': answer });
      return preflight(workspace, {} as ValidationRequest, { diagnose });
    };

    it('passes a workload without findings', async () => {
      expect(await check({ json: { errors: [] } })).to.equal(null);
      expect(await check({ json: {} })).to.equal(null);
    });

    it('turns every finding into a diagnostic of the server', async () => {
      const errors = [
        { path: 'deployments[0].compute.accelerator_count', message: 'must be a multiple' },
        { path: 'env_variables[1X]', message: 'bad name' },
      ];
      const error = await failure(check({ json: { errors } }));
      expect(error).to.include({ code: 'INVALID_CONFIG', exitCode: 2, retryable: false });
      expect(error.details?.map(({ source, message }) => [source, message])).to.deep.equal([
        ['server', 'must be a multiple'],
        ['server', 'bad name'],
      ]);
    });

    const unavailable: [string, Answer][] = [
      ['404', apiError(404, 'ENDPOINT_NOT_FOUND', 'no')],
      ['FEATURE_DISABLED', apiError(403, 'FEATURE_DISABLED', 'no')],
      ['429', apiError(429, 'REQUEST_LIMIT_EXCEEDED', 'slow down')],
      ['500', apiError(500, 'INTERNAL_ERROR', 'oops')],
      ['501', apiError(501, 'NOT_IMPLEMENTED', 'no')],
      ['503', apiError(503, 'TEMPORARILY_UNAVAILABLE', 'later')],
      ['an answer that is not JSON', { body: '<html>' }],
      ['a lost answer', { fault: 'lost' }],
    ];
    for (const [words, answer] of unavailable) {
      it(`never blocks when the check is not to be had: ${words}; it is asked once`, async () => {
        expect(await check(answer)).to.be.a('string');
        expect(server.requests).to.have.length(1);
      });
    }

    it('blocks when we may not ask', async () => {
      const denied = await failure(check(apiError(403, 'PERMISSION_DENIED', 'not you')));
      expect(denied).to.include({ code: 'PERMISSION_DENIED', exitCode: 4 });
      const unknown = await failure(check(apiError(401, 'UNAUTHENTICATED', 'who')));
      expect(unknown).to.include({ code: 'UNAUTHENTICATED', exitCode: 4 });
      const refused = await failure(check(apiError(400, 'INVALID_PARAMETER_VALUE', 'what')));
      expect(refused).to.include({ exitCode: 7, retryable: false });
    });
  });

  describe('usage policy', () => {
    const pages = (...list: object[]) => {
      server.script({
        'GET /api/2.0/serverless-policies': ({ query }) => {
          const at = Number(query.get('page_token') ?? 0);
          return { json: list[at] ?? {} };
        },
      });
    };

    it('is found by its name, upper and lower case alike, on any page', async () => {
      pages(
        { policies: [{ policy_id: '1', policy_name: 'Team-ML-old' }], next_page_token: '1' },
        { policies: [{ policy_id: '2', policy_name: ' team-ml ' }] },
      );
      expect(await resolveUsagePolicy(workspace, 'Team-ML')).to.equal('2');
      expect(server.requests[0]?.query.get('filter_by.policy_name')).to.equal('Team-ML');
      expect(server.requests[0]?.query.get('page_size')).to.equal('1000');
    });

    it('is an error that names what comes near when there is none', async () => {
      pages({ policies: [{ policy_id: '1', policy_name: 'team-ml-old' }] });
      const error = await failure(resolveUsagePolicy(workspace, 'team-ml'));
      expect(error).to.include({ code: 'NOT_FOUND', exitCode: 5 });
      expect(error.hint).to.include('"team-ml-old"');
    });

    it('is an error that names the ids when several bear the name', async () => {
      pages({
        policies: [
          { policy_id: '1', policy_name: 'x' },
          { policy_id: '2', policy_name: 'X' },
        ],
      });
      expect((await failure(resolveUsagePolicy(workspace, 'x'))).message).to.include('1, 2');
    });

    it('counts a policy once and ends when pages repeat', async () => {
      pages(
        { policies: [{ policy_id: '1', policy_name: 'x' }], next_page_token: '1' },
        { policies: [{ policy_id: '1', policy_name: 'x' }], next_page_token: '0' },
      );
      expect(await resolveUsagePolicy(workspace, 'x')).to.equal('1');
    });

    it('never means "no policy" when it cannot be asked', async () => {
      server.script({ 'GET /api/2.0/serverless-policies': apiError(403, 'PERMISSION_DENIED', 'no') });
      expect((await failure(resolveUsagePolicy(workspace, 'x'))).code).to.equal('PERMISSION_DENIED');
    });
  });
});
