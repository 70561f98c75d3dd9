import { checkAcceleratorCount } from '../compute/validation.js';
import { pathOf } from './fields.js';
import { CheckedFile, type Fields, type Rule } from './checked-file.js';
import { codeSourceRules } from './code-source-rules.js';
import type { MappingNode } from './nodes.js';
import type { Problem } from './problem.js';

const wholeNodes: Rule = (file) => {
  const type = file.text('compute.accelerator_type');
  const count = file.integer('compute.num_accelerators');
  const problem = count === undefined ? undefined : checkAcceleratorCount(count, type);
  if (problem) file.report('compute.num_accelerators', problem.message, problem.hint);
};

const imageReplacesPackages: Rule = (file) => {
  for (const image of ['docker_image', 'unity_catalog_image']) {
    if (!file.has(`environment.${image}`)) continue;
    const rivals = ['dependencies', 'version'].filter((name) => file.has(`environment.${name}`));
    if (rivals.length === 0) continue;
    file.report(
      `environment.${image}`,
      `${image} cannot go together with ${rivals.join(' and ')}: an image brings its own packages.`,
      `Remove ${image}, or ${rivals.join(' and ')}.`,
    );
  }
};

const oneImage: Rule = (file) => {
  if (!file.has('environment.docker_image') || !file.has('environment.unity_catalog_image')) return;
  if (file.has('environment.dependencies') || file.has('environment.version')) return;
  file.report(
    'environment.unity_catalog_image',
    'unity_catalog_image and docker_image are both given: a run has one image.',
    'Remove one of the two.',
  );
};

const dockerCredentials: Rule = (file) => {
  const image = 'environment.docker_image';
  const [scope, key] = [`${image}.credentials_scope`, `${image}.credentials_key`];
  if (file.has(scope) !== file.has(key)) {
    const [given, other] = file.has(scope) ? [scope, 'credentials_key'] : [key, 'credentials_scope'];
    file.report(given, `${given.slice(image.length + 1)} is given without ${other}: a login needs both.`);
  } else if (file.has(scope) && !file.has(`${image}.tag_policy`)) {
    file.report(scope, needsLatest, 'Add: tag_policy: latest');
  } else if (file.has(scope)) {
    const policy = file.text(`${image}.tag_policy`);
    if (policy !== undefined && policy !== 'latest')
      file.report(scope, needsLatest, 'Set: tag_policy: latest');
  }
};
const needsLatest = 'credentials_scope and credentials_key are only used with tag_policy latest.';

const commandLength: Rule = (file) => {
  const lines = file.text('command')?.split('\n').length ?? 0;
  if (lines <= 1000) return;
  file.report(
    'command',
    `command has ${lines} lines: at most 1000 are accepted.`,
    'Move the program into a file of code_source and start it from here.',
  );
};

/** The server counts bytes where the schema can count only characters. */
const byteLengths: Rule = (file) => {
  for (const [path, limit] of [
    ['idempotency_token', 64],
    ['usage_policy_name', 127],
  ] as const) {
    const bytes = Buffer.byteLength(file.text(path) ?? '');
    if (bytes > limit)
      file.report(path, `${path} has ${bytes} bytes in UTF-8: at most ${limit} are accepted.`);
  }
};

const variableNames: Rule = (file) => {
  for (const map of ['env_variables', 'secrets']) {
    for (const name of Object.keys(file.map(map) ?? {})) {
      if (name !== '' && !/[=\0]/.test(name)) continue;
      file.report(
        pathOf(map, name),
        `${JSON.stringify(name)} cannot be the name of an environment variable.`,
      );
    }
  }
};

const variableIsNoSecret: Rule = (file) => {
  const variables = file.map('env_variables') ?? {};
  for (const name of Object.keys(file.map('secrets') ?? {})) {
    if (!Object.hasOwn(variables, name)) continue;
    file.report(
      pathOf('secrets', name),
      `${name} is in env_variables and in secrets.`,
      'Keep one of the two.',
    );
  }
};

const principals = ['user_name', 'group_name', 'service_principal_name'];

const onePrincipal: Rule = (file) => {
  for (const index of (file.list('permissions') ?? []).keys()) {
    const path = `permissions[${index}]`;
    if (!file.map(path)) continue;
    const [first, ...others] = principals.filter((name) => file.has(`${path}.${name}`));
    if (first === undefined) {
      file.report(path, `${path} names nobody.`, `Add one of: ${principals.join(', ')}.`);
    }
    for (const name of others) {
      file.report(
        `${path}.${name}`,
        `${path} names ${first} and ${name}: an entry has one of them.`,
        'Make two entries.',
      );
    }
  }
};

const onePolicy: Rule = (file) => {
  if (!file.has('usage_policy_name') || !file.has('usage_policy_id')) return;
  file.report(
    'usage_policy_id',
    'usage_policy_name and usage_policy_id are both given: a run has one usage policy.',
    'Remove one of the two.',
  );
};

const rules: readonly Rule[] = [
  wholeNodes,
  imageReplacesPackages,
  oneImage,
  dockerCredentials,
  commandLength,
  byteLengths,
  variableNames,
  variableIsNoSecret,
  ...codeSourceRules,
  onePrincipal,
  onePolicy,
];

/**
 * The rules that a schema cannot say, or could say only by a union that reports every branch. `broken` are
 * the paths that already have a problem: nothing is said twice.
 */
export function applyRules(root: MappingNode, value: Fields, broken: ReadonlySet<string>): Problem[] {
  const file = new CheckedFile(root, value, broken);
  for (const rule of rules) rule(file);
  return file.problems;
}
