import { expect } from 'chai';

import { startScriptedUser, type ScriptedUser } from '../support/scripted-user.js';
import { apiError, scimMe } from '../support/scripted-workspace.js';
import { hasTerminals, typeAtTerminal, type TypingStep } from '../support/terminal.js';

const base = '/api/2.0/ai-compute-manager/images';
const asksUser = 'User at registry.example.com: ';
const asksPassword = 'Password or token (not shown): ';

/** The keys as a terminal sends them. */
const [enter, backspace, ctrlC, ctrlD, ctrlU, up] = [
  '\r',
  '\u007F',
  '\u0003',
  '\u0004',
  '\u0015',
  '\u001B[A',
];

describe('register-image --interactive-authenticate at a terminal', function () {
  this.timeout(60_000);
  let user: ScriptedUser;

  before(function () {
    if (hasTerminals()) return;
    console.warn('      python3 is missing: nothing is typed at a terminal');
    this.skip();
  });
  beforeEach(async () => {
    user = await startScriptedUser({
      'GET /api/2.0/preview/scim/v2/Me': scimMe(),
      [`GET ${base}:get`]: apiError(404, 'RESOURCE_DOES_NOT_EXIST', 'no such image'),
      [`POST ${base}`]: { json: { state: 'AVAILABLE', manifest_sha256: `sha256:${'ab'.repeat(32)}` } },
      'GET /api/2.0/secrets/scopes/list': { json: {} },
      'POST /api/2.0/secrets/scopes/create': { json: {} },
      'POST /api/2.0/secrets/put': { json: {} },
    });
  });
  afterEach(() => user.leave());

  const type = (...steps: TypingStep[]): ReturnType<typeof typeAtTerminal> =>
    typeAtTerminal(['register-image', 'registry.example.com/a', '-i', '--debug'], user.env, steps);

  /** The login that was stored; undefined when none was. */
  function stored(): string | undefined {
    const put = user.server.sent('POST /api/2.0/secrets/put').at(-1);
    const value = (put?.json as { string_value?: string } | undefined)?.string_value;
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
  }

  it('shows the user that is typed, and nothing of the password', async () => {
    const result = await type(
      [asksUser, `bobb${backspace}${enter}`],
      [asksPassword, `planted-pässword${enter}`],
    );
    expect(result.code, result.written).to.equal(0);
    expect(stored()).to.equal('bob:planted-pässword');
    expect(result.written).to.contain(`${asksUser}bobb\b \b\r\n${asksPassword}\r\n`);
    expect(result.written).to.contain('Storing the login of bob at registry.example.com');
    expect(result.written).not.to.contain('planted').and.not.to.contain('ä');
    expect(result.restored).to.equal(true);
  });

  it('lets the password be corrected, and takes no arrow for a part of it', async () => {
    const typed = `wrong${ctrlU}${backspace}${up}planted-onee${backspace}${enter}`;
    const result = await type([asksUser, `bob${enter}`], [asksPassword, typed]);
    expect(result.code, result.written).to.equal(0);
    expect(stored()).to.equal('bob:planted-one');
    expect(result.written).to.contain(`${asksPassword}\r\n`);
  });

  it('takes both lines of one paste, and of a bracketed one', async () => {
    for (const [name, pasted] of [
      ['bob', 'bob\r\nplanted-paste\r\n'],
      ['eve', '\u001B[200~eve\rplanted-paste\u001B[201~\r'],
    ] as const) {
      const result = await type([asksUser, pasted]);
      expect(result.code, result.written).to.equal(0);
      expect(stored()).to.equal(`${name}:planted-paste`);
      expect(result.written).to.contain(`${asksUser}${name}\r\n${asksPassword}\r\n`);
      expect(result.written).not.to.contain('planted');
    }
  });

  for (const [name, key] of [
    ['Ctrl-C', ctrlC],
    ['Ctrl-D', ctrlD],
  ] as const) {
    it(`ends at ${name} with exit code 130, the terminal as it was, and nothing stored`, async () => {
      const result = await type([asksUser, `bob${enter}`], [asksPassword, `planted-half${key}`]);
      expect(result.code, result.written).to.equal(130);
      expect(result.restored).to.equal(true);
      expect(result.written).to.contain('Interrupted.').and.not.to.contain('planted');
      expect(user.server.requests.every(({ method }) => method === 'GET')).to.equal(true);
    });
  }

  it('asks for both parts of a login', async () => {
    const result = await type([asksUser, `bob${enter}`], [asksPassword, enter]);
    expect(result.code).to.equal(2);
    expect(result.written).to.contain('both a user and a password');
    expect(result.restored).to.equal(true);
  });

  it('asks nobody in JSON mode, even at a terminal', async () => {
    const result = await typeAtTerminal(
      ['register-image', 'registry.example.com/a', '-i', '-o', 'json'],
      user.env,
      [],
    );
    expect(result.code).to.equal(2);
    expect(result.written).to.contain('INVALID_ARGS').and.not.to.contain(asksUser);
    expect(user.server.requests).to.deep.equal([]);
  });
});
