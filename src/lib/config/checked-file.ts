import { segmentsOf } from './fields.js';
import type { MappingNode } from './nodes.js';
import { problemAt, type Problem } from './problem.js';

export type Fields = Readonly<Record<string, unknown>>;

/** What a rule sees of a file: values that already hold to the schema, and a way to say what is wrong. */
export class CheckedFile {
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
    return segmentsOf(path).reduce<unknown>((value, key) => {
      if (Array.isArray(value)) return value[Number(key)] as unknown;
      return isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    }, this.value);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reports what it finds wrong in a file. */
export type Rule = (file: CheckedFile) => void;
