import type { CheckedFile, Rule } from './checked-file.js';

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
function codePaths(file: CheckedFile): string[] {
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

export const codeSourceRules: readonly Rule[] = [codeSourceForm, codeHasRoot, oneGitReference, noGitRemote];
