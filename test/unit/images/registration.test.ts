import { expect } from 'chai';
import { AirError } from '../../../src/lib/errors.js';
import { parseImageReference } from '../../../src/lib/images/reference.js';
import {
  registerImage,
  type RegistrationStep,
  type RegistryAccess,
} from '../../../src/lib/images/registration.js';
import { Workspace } from '../../../src/lib/workspace/index.js';
import {
  scimMe,
  startScriptedWorkspace,
  type Script,
  type ScriptedWorkspace,
} from '../../support/scripted-workspace.js';
import { standingClock, testContext } from '../../support/context.js';

const images = '/api/2.0/ai-compute-manager/images';
const image = parseImageReference('registry.example.com/train:7');
const state = (name: string, more: object = {}) => ({ json: { state: name, ...more } });

describe('the wait for an image', () => {
  let server: ScriptedWorkspace;
  let steps: RegistrationStep[];

  beforeEach(async () => {
    server = await startScriptedWorkspace();
    steps = [];
  });
  afterEach(() => server.close());

  async function register(
    get: Script,
    minutes = 60,
    access: RegistryAccess = { from: 'nowhere' },
  ): Promise<unknown> {
    server.script({
      'GET /api/2.0/preview/scim/v2/Me': scimMe('alice'),
      'POST /api/2.0/secrets/scopes/create': {},
      'POST /api/2.0/secrets/put': {},
      [`GET ${images}:get`]: get,
      [`POST ${images}`]: state('PENDING'),
    });
    const context = testContext(standingClock(0));
    const workspace = new Workspace(server.target({ profile: 'dev' }), context, { userAgent: 'test' });
    return registerImage(workspace, context, {
      image,
      access,
      timeout: minutes * 60_000,
      report: (step) => steps.push(step),
    }).catch((error: unknown) => error);
  }

  const waits = () =>
    steps
      .flatMap((step) => (step.step === 'waiting' ? [step.seconds] : []))
      .map((seconds, at, all) => seconds - (all[at - 1] ?? 0));

  it('asks often at first, then every quarter of a minute', async () => {
    let asked = 0;
    const done = await register(() =>
      ++asked < 40 ? state('IMPORTING') : state('AVAILABLE', { manifest_sha256: 'a' }),
    );
    expect(done).to.deep.equal({ digest: 'a', updated: false });
    expect(
      waits()
        .slice(0, 4)
        .every((seconds) => seconds <= 5),
    ).to.equal(true);
    expect(
      waits()
        .slice(12)
        .every((seconds) => seconds === 15),
    ).to.equal(true);
  });

  it('ends at the time limit as a failure that may pass, with the command that waits again', async () => {
    const error = await register(state('IMPORTING'), 2);
    expect(error).to.be.instanceOf(AirError);
    expect(error).to.include({
      code: 'REGISTRATION_FAILED',
      kind: 'TRANSIENT',
      retryable: true,
      exitCode: 6,
    });
    expect((error as AirError).message)
      .to.contain('2 min')
      .and.to.contain('IMPORTING');
    expect((error as AirError).hint).to.contain('air register-image registry.example.com/train:7 -p dev');
    expect(waits().reduce((sum, seconds) => sum + seconds, 0)).to.be.at.most(120);
  });

  it('names the login again that the same command would not find: a secret, or one that was typed', async () => {
    const login = { username: 'bob', password: 'planted' };
    const cases: [RegistryAccess, string][] = [
      [{ from: 'secret', address: { scope: 'my scope', key: 'k' } }, ` --scope 'my scope' --key k`],
      [
        { from: 'login', login, typed: true },
        ' --scope docker-credentials-alice --key registry.example.com-bob-local',
      ],
      [{ from: 'login', login, typed: false }, ''],
    ];
    for (const [access, flags] of cases) {
      const error = await register(state('IMPORTING'), 1, access);
      expect((error as AirError).hint).to.equal(
        `Wait for it again: air register-image registry.example.com/train:7${flags} -p dev`,
      );
    }
  });

  it('outlives a workspace that cannot answer for a while', async () => {
    const busy = { status: 503, json: { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'later' } };
    const outage = Array.from({ length: 15 }, () => busy);
    expect(await register([state('AVAILABLE'), ...outage, state('AVAILABLE')])).to.include({
      updated: false,
    });
    const dead = await register([state('IMPORTING'), busy]);
    expect(dead).to.include({ code: 'INTERNAL_ERROR', kind: 'TRANSIENT', exitCode: 6 });
  });

  it('takes a state it does not know for one to wait in', async () => {
    expect(await register([state('AVAILABLE'), state('QUEUED_SOMEWHERE'), state('AVAILABLE')])).to.include({
      updated: false,
    });
  });

  it('ends when the registration is deleted meanwhile', async () => {
    const gone = { status: 404, json: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'gone' } };
    const error = await register([state('IMPORTING'), gone]);
    expect(error).to.include({ code: 'REGISTRATION_FAILED', kind: 'PERMANENT' });
    expect((error as AirError).message).to.contain('deleted');
  });

  it('stays the matter of the workspace when its token is refused meanwhile', async () => {
    const refused = { status: 401, json: { error_code: 'UNAUTHENTICATED', message: 'expired' } };
    expect(await register([state('IMPORTING'), refused])).to.include({
      code: 'UNAUTHENTICATED',
      exitCode: 4,
    });
  });
});
