import { expect } from 'chai';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { acceleratorNames } from '../../../src/lib/compute/accelerators.js';
import { maxAccelerators } from '../../../src/lib/compute/validation.js';
import { explainField, firstSentence, renderFieldHelp } from '../../../src/lib/config/explain.js';
import {
  childOf,
  fieldPaths,
  resolved,
  typesOf,
  workloadSchema,
  type FieldSchema,
} from '../../../src/lib/config/fields.js';
import { parseOverrides } from '../../../src/lib/config/overrides.js';
import { starterText } from '../../../src/lib/config/starter.js';
import type { CodeSource, Permission, WorkloadConfig } from '../../../src/lib/config/types.js';
import { AirError } from '../../../src/lib/errors.js';
import { validate } from '../../../src/schemas/run.validate.generated.js';
import { load, problemsOf, workload } from '../../support/config.js';

const schemaText = readFileSync(new URL('../../../src/schemas/run.schema.json', import.meta.url), 'utf8');
const paths = fieldPaths();

/** Every piece of the schema with its dotted path; lists of objects are looked through. */
function fieldAt(path: string): { field: FieldSchema; isBelowList: boolean } {
  let field = workloadSchema;
  let isBelowList = false;
  for (const name of path.split('.')) {
    if (field.items) {
      isBelowList = true;
      field = resolved(field.items);
    }
    field = childOf(field, name) ?? {};
  }
  return { field, isBelowList };
}

describe('the fields of a workload file', () => {
  it('are what the types of the program say', () => {
    type Keys<T> = Record<keyof Required<T>, true>;
    const top: Keys<WorkloadConfig & { parameters: unknown }> = {
      experiment_name: true,
      compute: true,
      environment: true,
      command: true,
      env_variables: true,
      secrets: true,
      code_source: true,
      max_retries: true,
      timeout_minutes: true,
      idempotency_token: true,
      parameters: true,
      mlflow_run_name: true,
      mlflow_experiment_directory: true,
      permissions: true,
      usage_policy_name: true,
      usage_policy_id: true,
    };
    const compute: Keys<WorkloadConfig['compute']> = { accelerator_type: true, num_accelerators: true };
    type Environment = Required<NonNullable<WorkloadConfig['environment']>>;
    const environment: Keys<Environment> = {
      dependencies: true,
      version: true,
      docker_image: true,
      unity_catalog_image: true,
    };
    const docker: Keys<Environment['docker_image']> = {
      url: true,
      tag_policy: true,
      credentials_scope: true,
      credentials_key: true,
    };
    const code: Keys<CodeSource> = { root_path: true, remote_volume: true, include_paths: true, git: true };
    const permission: Keys<Permission> = {
      user_name: true,
      group_name: true,
      service_principal_name: true,
      level: true,
    };
    const names = (path: string) =>
      Object.keys((path === '' ? workloadSchema : fieldAt(path).field).properties ?? {}).sort();
    expect(names('')).to.deep.equal(Object.keys(top).sort());
    expect(names('compute')).to.deep.equal(Object.keys(compute).sort());
    expect(names('environment')).to.deep.equal(Object.keys(environment).sort());
    expect(names('environment.docker_image')).to.deep.equal(Object.keys(docker).sort());
    expect(names('code_source.snapshot')).to.deep.equal(Object.keys(code).sort());
    expect(names('code_source')).to.deep.equal([...Object.keys(code), 'snapshot', 'type'].sort());
    expect(Object.keys(fieldAt('permissions').field.items?.properties ?? {}).sort()).to.deep.equal(
      Object.keys(permission).sort(),
    );
  });

  it('know the GPU types and the largest count of the one table', () => {
    expect(fieldAt('compute.accelerator_type').field.enum).to.deep.equal(acceleratorNames);
    expect(fieldAt('compute.accelerator_type').field['x-expected']).to.equal(
      `one of ${acceleratorNames.join(', ')}`,
    );
    const { maximum } = fieldAt('compute.num_accelerators').field as { maximum: number };
    expect(maximum).to.equal(maxAccelerators);
  });

  it('are checked by the schema as it is written, without unions of objects', () => {
    expect(workloadSchema).to.deep.equal(JSON.parse(schemaText));
    expect(schemaText).not.to.match(/"(?:oneOf|anyOf|allOf|if)"/);
    const ajv = new Ajv2020({ allErrors: true, strict: false, messages: false });
    const fresh = ajv.compile(JSON.parse(schemaText));
    for (const value of [
      {},
      { experiment_name: 1, zzz: 2 },
      { compute: { num_accelerators: 0 } },
      { permissions: [{}] },
    ]) {
      expect(fresh(value)).to.equal(validate(value));
      const brief = (errors: typeof validate.errors | typeof fresh.errors) =>
        (errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`).sort();
      expect(brief(validate.errors)).to.deep.equal(brief(fresh.errors));
    }
  });

  it('give examples that are valid', async () => {
    const ajv = new Ajv2020({ strict: false });
    ajv.addSchema(JSON.parse(schemaText) as object, 'workload');
    for (const path of paths) {
      const { field } = fieldAt(path);
      const pointer = path
        .replace('code_source.snapshot.', 'code_source.')
        .replace('permissions.', 'permissions/items.')
        .replaceAll('.', '/properties/');
      const check = ajv.compile({ $ref: `workload#/properties/${pointer}` });
      for (const example of field.examples ?? [])
        expect(check(example), `${path}: ${JSON.stringify(example)}`).to.equal(true);
    }
    const { config } = await load(starterText);
    expect(config.experiment_name).to.equal('my-experiment');
  });

  for (const path of paths) {
    it(`${path}: help, override path and validator agree`, async () => {
      const { field, isBelowList } = fieldAt(path);
      const help = explainField(`config.${path}`);
      expect(help.path).to.equal(`config.${path}`);
      expect(help.description).to.match(/\.$/);
      expect(help.type).not.to.equal('');
      expect(help.expected === null && help.fields === null, 'says what is expected').to.equal(
        field['x-expected'] === undefined && field.properties === undefined,
      );
      expect(renderFieldHelp(help)).to.contain(`config.${path}\n`);
      expect(typesOf(field)).not.to.have.length(0);

      if (isBelowList) {
        expect(() => parseOverrides([`${path}=x`])).to.throw(AirError, 'give the whole list');
      } else {
        expect(parseOverrides([`${path}=x`])).to.have.length(1);
        expect(() => parseOverrides([`${path}_=x`])).to.throw(AirError, 'not a known field');
        const problems = await problemsOf(workload(), [`${path}=[[x]]`]);
        expect(
          problems.some((problem) => problem.path.startsWith(path) && problem.source === 'override'),
        ).to.equal(true);
      }
    });
  }

  it('are found with and without "config", from below lists too', () => {
    expect(explainField('').path).to.equal('config');
    expect(explainField('config').fields?.map(({ name }) => name)).to.deep.equal(
      Object.keys(workloadSchema.properties ?? {}),
    );
    expect(explainField('.compute').path).to.equal('config.compute');
    expect(explainField('permissions[0].level').path).to.equal('config.permissions.level');
  });

  const unknown: [path: string, message: RegExp, hint: RegExp][] = [
    ['config.computer', /no field config\.computer/, /air run -h config\.compute$/],
    ['compute.zzz', /no field config\.compute\.zzz/, /accelerator_type, num_accelerators/],
    ['parameters.lr', /your own names/, /air run -h config\.parameters/],
    ['max_retries.x', /holds one value/, /air run -h config\.max_retries/],
    ['compute.', /no field/, /accelerator_type/],
  ];
  for (const [path, message, hint] of unknown) {
    it(`help for ${path} is an error of usage`, () => {
      let thrown: unknown;
      try {
        explainField(path);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).to.be.instanceOf(AirError).and.to.include({ code: 'INVALID_ARGS', exitCode: 2 });
      expect((thrown as AirError).message).to.match(message);
      expect((thrown as AirError).hint).to.match(hint);
    });
  }

  it('are summed up in their first sentence', () => {
    for (const [text, sentence] of [
      ['One sentence with no period', 'One sentence with no period'],
      ['First. Second.', 'First.'],
      ['Which one, e.g. A. See there.', 'Which one, e.g. A.'],
      ['Take a, b, etc. Then run.', 'Take a, b, etc. Then run.'],
      ['So i.e. this. More.', 'So i.e. this.'],
    ] as const) {
      expect(firstSentence(text)).to.equal(sentence);
    }
  });

  it('fit the width of the terminal', () => {
    for (const path of ['', ...paths]) {
      for (const line of renderFieldHelp(explainField(path), 60).split('\n')) {
        if (!/Example:|^For more/.test(line)) expect(line.length, line).to.be.at.most(70);
      }
    }
  });

  it('tells where a field belongs that stands in the wrong map', async () => {
    const [problem] = await problemsOf(workload('accelerator_type: GPU_8xH100'));
    expect(problem).to.include({ path: 'accelerator_type', hint: 'Did you mean compute.accelerator_type?' });
  });

  it('all stand in the page about the file', () => {
    const page = readFileSync(new URL('../../../docs/workload-file.md', import.meta.url), 'utf8');
    const older = /^code_source\.(?:type|snapshot)\b/;
    const unsupported = 'code_source.git.remote';
    const expected = paths.filter((path) => !older.test(path) && path !== unsupported);
    const absent = expected.filter((path) => !new RegExp(`\\b${path.split('.').at(-1)!}\\b`).test(page));
    expect(absent).to.deep.equal([]);
  });
});
