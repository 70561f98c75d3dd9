import { schema as rootSchema } from '../../schemas/run.validate.generated.js';

/** The parts of JSON Schema that the workload schema uses, and the words of ours (`x-`). */
export interface FieldSchema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly items?: FieldSchema;
  readonly additionalProperties?: boolean | FieldSchema;
  readonly enum?: readonly string[];
  readonly examples?: readonly unknown[];
  readonly deprecated?: boolean;
  readonly $ref?: string;
  /** Completes "expected ...". */
  readonly 'x-expected'?: string;
  /** When a field that is not always required is required. */
  readonly 'x-required'?: string;
  /** Surrounding white space is removed, for the check and for good. */
  readonly 'x-trim'?: boolean;
  /** Upper and lower case mean the same. */
  readonly 'x-lower'?: boolean;
  /** What a value that is not there stands for. */
  readonly 'x-null'?: string;
}

const root = rootSchema as FieldSchema;

/** The schema of the whole file. */
export const workloadSchema: FieldSchema = root;

/** Follows `$ref`, which the schema uses only for pieces of itself. */
export function resolved(field: FieldSchema): FieldSchema {
  if (field.$ref === undefined) return field;
  const segments = field.$ref.replace(/^#\//, '').split('/');
  const target = segments.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], root);
  return target as FieldSchema;
}

export function typesOf(field: FieldSchema): readonly string[] {
  if (field.type === undefined) return [];
  return typeof field.type === 'string' ? [field.type] : field.type;
}

/** The fields of an object with fixed fields; undefined for anything else. */
export function childrenOf(field: FieldSchema): Readonly<Record<string, FieldSchema>> | undefined {
  return field.properties;
}

/** An object whose keys are the user's own: `env_variables`, `secrets`, `parameters`. */
export function isFreeForm(field: FieldSchema): boolean {
  return typesOf(field).includes('object') && field.properties === undefined;
}

export function childOf(field: FieldSchema, name: string): FieldSchema | undefined {
  const children = childrenOf(field);
  const child = children && Object.hasOwn(children, name) ? children[name] : undefined;
  return child && resolved(child);
}

/** A list of objects stands for its objects. */
export function objectOf(field: FieldSchema): FieldSchema {
  const items = field.items && resolved(field.items);
  return items?.properties ? items : field;
}

/** Every dotted path of the schema, in the order of the schema; lists of objects are looked through. */
export function fieldPaths(field: FieldSchema = workloadSchema, parent = ''): string[] {
  return Object.keys(childrenOf(objectOf(field)) ?? {}).flatMap((name) => {
    const path = parent === '' ? name : `${parent}.${name}`;
    return [path, ...fieldPaths(childOf(objectOf(field), name), path)];
  });
}

/** A name as a part of a dotted path: `.level`, or `["a.b"]` when it holds what a path is made of. */
export function pathOf(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  const name = /^[^\s.[\]"]+$/.test(key) ? key : `[${JSON.stringify(key)}]`;
  return parent === '' || name.startsWith('[') ? `${parent}${name}` : `${parent}.${name}`;
}

/** The parts of a dotted path, list indexes as numbers. */
export function segmentsOf(path: string): (string | number)[] {
  const segments: (string | number)[] = [];
  for (const match of path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[([^\]]*)\]|([^.[\]]+)/g)) {
    const [, index, quoted, bracketed, name] = match;
    if (index !== undefined) segments.push(Number(index));
    else if (quoted !== undefined) segments.push(JSON.parse(`"${quoted}"`) as string);
    else segments.push(bracketed ?? name ?? '');
  }
  return segments;
}
