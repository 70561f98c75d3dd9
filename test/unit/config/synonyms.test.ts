import { expect } from 'chai';
import { fieldPaths } from '../../../src/lib/config/fields.js';
import { synonymOf, synonyms } from '../../../src/lib/config/synonyms.js';
import { places, problemsOf, workload } from '../../support/config.js';

describe('words of other tools for fields', () => {
  const paths = fieldPaths();
  const parents = ['', ...paths];

  it('stand for fields that there are, one word for one field, and are no fields themselves there', () => {
    expect(paths).to.include.members(Object.keys(synonyms));
    const words = Object.values(synonyms).flat();
    expect(words).to.have.length(new Set(words).size);
    for (const path of paths) {
      const parent = parents.find(
        (each) => path === (each === '' ? path.split('.')[0] : `${each}.${path.split('.').at(-1)}`),
      );
      expect(synonymOf(parent ?? '', path.split('.').at(-1) ?? ''), path).to.equal(undefined);
    }
  });

  it('count only within their parent', () => {
    expect(synonymOf('', 'gpus')).to.equal('compute.num_accelerators');
    expect(synonymOf('compute', 'gpus')).to.equal('compute.num_accelerators');
    expect(synonymOf('environment', 'gpus')).to.equal(undefined);
  });

  const hints: [lines: string[], place: string, hint: string][] = [
    [['retries: 3'], 'retries 6:1', 'Did you mean max_retries?'],
    [['hyperparameters: {lr: 1}'], 'hyperparameters 6:1', 'Did you mean parameters?'],
    [['requirements: [numpy]'], 'requirements 6:1', 'Did you mean environment.dependencies?'],
    [['code_source: {path: .}'], 'code_source.path 6:15', 'Did you mean root_path?'],
    [['permissions: [{user_name: a, permission_level: CAN_VIEW}]'], 'permissions[0].permission_level 6:30', 'Did you mean level?'],
  ]; // prettier-ignore
  for (const [lines, place, hint] of hints) {
    it(`are answered with the field alone: ${lines.join(' ')}`, async () => {
      const problems = await problemsOf(workload(...lines));
      expect(places(problems)).to.deep.equal([place]);
      expect(problems[0]?.hint).to.equal(hint);
    });
  }

  it('take the place of a field that is missing', async () => {
    const problems = await problemsOf(workload().replace('experiment_name', 'name'));
    expect(problems.map(({ message, hint }) => [message, hint])).to.deep.equal([
      ['"name" is not a field of a workload file.', 'Did you mean experiment_name?'],
    ]);
  });

  it('say of a number of nodes how it is given', async () => {
    const problems = await problemsOf(workload('num_nodes: 2'));
    expect(problems[0]?.message).to.contain('compute.num_accelerators counts the GPUs over all nodes');
  });
});
