import { validate as checkSchema, type SchemaViolation } from '../../schemas/run.validate.generated.js';
import { decode } from './decode.js';
import { childOf, childrenOf, pathOf, resolved, workloadSchema } from './fields.js';
import { holderOf } from './locate.js';
import { expectation, misfitWords, type FieldPlace } from './misfit.js';
import type { MappingNode } from './nodes.js';
import type { Problem } from './problem.js';
import { refusalOf } from './refusals.js';
import { applyRules } from './rules.js';
import { isSecretPath } from './secrets.js';
import { meantField } from './synonyms.js';

/** What the file says, field by field, in the schema's types. Only sound when there were no problems. */
export type DecodedWorkload = Record<string, unknown>;

export interface Validation {
  readonly value: DecodedWorkload;
  readonly problems: Problem[];
}

/**
 * Checks a whole file against the schema, then against the rules that a schema cannot say. `unread` are the
 * paths of values that could not be read, of which nothing more is said.
 */
export function validateWorkload(root: MappingNode, unread: readonly string[] = []): Validation {
  const value = decode(root, workloadSchema) as DecodedWorkload;
  const found = checkSchema(value) ? [] : schemaProblems(root, checkSchema.errors ?? []);
  const problems = found.filter(({ path }) => !unread.includes(path));
  const broken = problems.flatMap(({ path, meant }) => (meant === undefined ? [path] : [path, meant]));
  const rules = applyRules(root, value, new Set([...unread, ...broken]));
  return { value, problems: [...problems, ...rules] };
}

/** A value that breaks several rules of its field is one problem: the first that the reader should mend. */
const keywordOrder = ['type', 'additionalProperties', 'required', 'enum', 'minLength', 'minItems', 'minimum'];

function schemaProblems(root: MappingNode, violations: readonly SchemaViolation[]): SchemaProblem[] {
  const rank = ({ keyword }: SchemaViolation) => (keywordOrder.indexOf(keyword) + 99) % 99;
  const byPath = new Map<string, SchemaProblem>();
  /** A missing field that a mistyped key stands for is one problem, told at that key. */
  const mistyped = new Set<string>();
  for (const violation of [...violations].sort((a, b) => rank(a) - rank(b))) {
    const problem = problemOf(root, violation);
    if (!byPath.has(problem.path)) byPath.set(problem.path, problem);
    if (problem.meant !== undefined) mistyped.add(problem.meant);
  }
  return [...byPath.values()].filter(({ path, keyword }) => keyword !== 'required' || !mistyped.has(path));
}

interface SchemaProblem extends Problem {
  /** Set for a field that is missing. */
  readonly keyword?: 'required';
  /** The path that an unknown key probably stands for. */
  readonly meant?: string;
}

function problemOf(root: MappingNode, violation: SchemaViolation): SchemaProblem {
  const place = placeOf(root, violation.instancePath);
  if (violation.keyword === 'required') return missing(place, String(violation.params['missingProperty']));
  if (violation.keyword === 'additionalProperties') {
    return unknownKey(place, String(violation.params['additionalProperty']));
  }
  return unfit(place, violation.keyword);
}

/** Walks a JSON pointer through nodes and schema side by side. */
function placeOf(root: MappingNode, pointer: string): FieldPlace {
  let place: FieldPlace = { node: root, field: workloadSchema, path: '', key: undefined };
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const { node, field, path } = place;
    if (node.kind === 'sequence') {
      const item = node.items[Number(name)] ?? node;
      place = {
        node: item,
        field: resolved(field.items ?? {}),
        path: pathOf(path, Number(name)),
        key: undefined,
      };
    } else if (node.kind === 'mapping') {
      const entry = node.byKey.get(name);
      const { additionalProperties } = field;
      const child =
        childOf(field, name) ?? (typeof additionalProperties === 'object' ? additionalProperties : {});
      place = { node: entry?.value ?? node, field: child, path: pathOf(path, name), key: entry?.key };
    }
  }
  return place;
}

/** A key that must be there: at its own key when it is there without a value, else at its parent's key. */
function missing(parent: FieldPlace, name: string): SchemaProblem {
  const path = pathOf(parent.path, name);
  const { node } = parent;
  const present = node.kind === 'mapping' ? node.byKey.get(name) : undefined;
  const field = childOf(parent.field, name);
  const hint = expectation(field);
  if (present)
    return {
      path,
      source: present.key.source,
      offset: present.key.start,
      message: `${name} has no value.`,
      hint,
    };
  const message =
    parent.path === ''
      ? `${name} is missing: every workload needs it.`
      : `${parent.path} has no ${name}: it is required.`;
  const at = holderOf(node, parent.key);
  const offset = parent.path === '' ? 0 : at.start;
  return { path, source: at.source, offset, message, hint, keyword: 'required' };
}

function unknownKey(parent: FieldPlace, name: string): SchemaProblem {
  const path = pathOf(parent.path, name);
  const entry = parent.node.kind === 'mapping' ? parent.node.byKey.get(name) : undefined;
  const at = entry?.key ?? parent.node;
  const names = Object.keys(childrenOf(parent.field) ?? {});
  const problem = { path, source: at.source, offset: at.start };
  const refusal = refusalOf(path);
  if (refusal !== undefined) return { ...problem, message: `${name}: ${refusal}` };
  const parentField = parent.path.replaceAll(/\[\d+\]/g, '');
  const where = parentField === '' ? 'of a workload file' : `of ${parentField}`;
  const message = `${JSON.stringify(name)} is not a field ${where}.`;
  const meant = meantField(parentField, name, names);
  if (meant === undefined) return { ...problem, message, hint: whereToLook(parent, names) };
  const own = names.find((each) => pathOf(parentField, each) === meant);
  if (own === undefined) return { ...problem, message, hint: `Did you mean ${meant}?` };
  return { ...problem, message, hint: `Did you mean ${own}?`, meant: pathOf(parent.path, own) };
}

/** For a key that resembles nothing: where the fields are listed. */
function whereToLook(parent: FieldPlace, names: readonly string[]): string {
  if (names.length <= 8) return `Fields: ${[...names].sort().join(', ')}.`;
  return `To see the fields, type: air run -h ${['config', parent.path].filter(Boolean).join('.')}`;
}

function unfit(place: FieldPlace, keyword: string): Problem {
  const { node, path, key } = place;
  const at = node.kind === 'scalar' && node.absent && key ? key : node;
  const words = misfitWords(place, keyword);
  return { path, source: at.source, offset: at.start, ...words, secret: isSecretPath(path, node) };
}
