/** One violated rule of the schema: `instancePath` is a JSON pointer to the value it is about. */
export interface SchemaViolation {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
}

/** True when the value holds to the schema; otherwise `errors` lists every violation. */
export const validate: ((value: unknown) => boolean) & { errors: SchemaViolation[] | null };

/** The schema itself, as run.schema.json has it. */
export const schema: unknown;
