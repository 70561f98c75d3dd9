import { checkAcceleratorCount } from '../compute/validation.js';
import { pathOf } from './fields.js';
import type { MappingNode } from './nodes.js';
import { problemAt, type Problem } from './problem.js';

type Fields = Readonly<Record<string, unknown>>;

/** What a rule sees of a file: values that already hold to the schema, and a way to say what is wrong. */
class Checked {
  readonly problems: Problem[] = [];

  constructor(
    private readonly root: MappingNode,
    private readonly value: Fields,
    private readonly broken: ReadonlySet<string>,
  ) {}

  /** The text of a field; undefined when it is not there or already has a problem. */
  text(path: string): string | undefined {
    const value = this.get(path);
    return typeof value === 'string' ? value : undefined;
  }

  integer(path: string): number | undefined {
    const value = this.get(path);
    return typeof value === 'number' ? value : undefined;
  }

  map(path: string): Fields | undefined {
    const value = this.get(path);
    return isFields(value) ? value : undefined;
  }

  list(path: string): readonly unknown[] | undefined {
    const value = this.get(path);
    return Array.isArray(value) ? value : undefined;
  }

  /** Whether the field is there with any value, right or wrong. */
  has(path: string): boolean {
    return this.raw(path) !== undefined || this.broken.has(path);
  }

  report(path: string, message: string, hint?: string): void {
    this.problems.push(problemAt(this.root, { path, message, hint }));
  }

  /** A field that a rule requires, told at its own key when it is there without a value, else at its parent's. */
  reportMissing(path: string, message: string, hint?: string): void {
    if (!this.broken.has(path)) this.report(path, message, hint);
  }

  private get(path: string): unknown {
    return this.broken.has(path) ? undefined : this.raw(path);
  }

  private raw(path: string): unknown {
    const keys = path.split(/\.|\[(\d+)\]/).filter(Boolean);
    return keys.reduce<unknown>((value, key) => {
      if (Array.isArray(value)) return value[Number(key)] as unknown;
      return isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    }, this.value);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Rule = (file: Checked) => void;

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

const flatFields = ['root_path', 'remote_volume', 'git', 'include_paths'];

const codeSourceForm: Rule = (file) => {
  if (!file.map('code_source')) return;
  const [type, snapshot] = [file.has('code_source.type'), file.has('code_source.snapshot')];
  const flat = flatFields.filter((name) => file.has(`code_source.${name}`));
  if (flat.length > 0 && (type || snapshot)) {
    const older = [...(type ? ['type'] : []), ...(snapshot ? ['snapshot'] : [])];
    for (const name of older) {
      file.report(
        `code_source.${name}`,
        `${name} belongs to the older form of code_source and cannot go together with ${flat.join(', ')}.`,
        `Remove ${older.join(' and ')}.`,
      );
    }
    return;
  }
  if (type && !snapshot) {
    file.reportMissing('code_source.snapshot', 'code_source of type snapshot has no snapshot.', shortForm);
  }
  if (snapshot && !type) {
    file.reportMissing('code_source.type', 'code_source has a snapshot, but no "type: snapshot".', shortForm);
  }
};
const shortForm = 'Shorter: put root_path and the other fields directly under code_source.';

/** Where the fields of the code are in this file, by either form. */
function codePaths(file: Checked): string[] {
  return ['code_source', 'code_source.snapshot'].filter((path) => file.map(path));
}

const codeHasRoot: Rule = (file) => {
  for (const path of codePaths(file)) {
    const isOlderForm = file.has('code_source.type') || file.has('code_source.snapshot');
    if (path === 'code_source' && isOlderForm) continue;
    if (file.has(`${path}.root_path`)) continue;
    file.reportMissing(
      `${path}.root_path`,
      `${path} has no root_path: it is required.`,
      'Expected: the path of a folder.',
    );
  }
};

const oneGitReference: Rule = (file) => {
  for (const path of codePaths(file)) {
    const git = `${path}.git`;
    if (!file.map(git)) continue;
    const [branch, commit] = [file.has(`${git}.branch`), file.has(`${git}.commit`)];
    if (branch && commit) {
      file.report(
        `${git}.commit`,
        'git names a branch and a commit: it takes one of them.',
        'Remove one of the two.',
      );
    } else if (!branch && !commit) {
      file.report(git, 'git names neither a branch nor a commit.', 'Add one of: branch, commit.');
    }
  }
};

const noGitRemote: Rule = (file) => {
  for (const path of codePaths(file)) {
    const remote = `${path}.git.remote`;
    const value = file.map(`${path}.git`)?.['remote'];
    if (value === undefined || value === false || value === '') continue;
    file.report(
      remote,
      'git.remote is no longer supported: the code always comes from the repository on this machine.',
      'Remove it, fetch yourself, and name the commit with git.commit.',
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
  codeSourceForm,
  codeHasRoot,
  oneGitReference,
  noGitRemote,
  onePrincipal,
  onePolicy,
];

/**
 * The rules that a schema cannot say, or could say only by a union that reports every branch. `broken` are
 * the paths that already have a problem: nothing is said twice.
 */
export function applyRules(root: MappingNode, value: Fields, broken: ReadonlySet<string>): Problem[] {
  const file = new Checked(root, value, broken);
  for (const rule of rules) rule(file);
  return file.problems;
}
