import { invalid } from './tracking-values.js';

export type EntityKind = 'metric' | 'param' | 'tag' | 'attribute' | 'dataset';

export interface Entity {
  kind: EntityKind;
  key: string;
}

/** One condition of a filter; a filter is a list of them, all of which hold. */
export interface Comparison extends Entity {
  comparator:
    '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'ILIKE' | 'IN' | 'NOT IN' | 'IS NULL' | 'IS NOT NULL';
  /** None for the NULL tests, several for IN, else one. */
  values: (string | number)[];
}

export interface Ordering extends Entity {
  descending: boolean;
}

const kinds: Record<string, EntityKind> = {
  metric: 'metric',
  metrics: 'metric',
  param: 'param',
  params: 'param',
  parameter: 'param',
  parameters: 'param',
  tag: 'tag',
  tags: 'tag',
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
  dataset: 'dataset',
  datasets: 'dataset',
};

const token =
  /\s*(?:(?<name>[A-Za-z_][\w-]*(?:\.(?:`[^`]*`|"[^"]*"|[\w./-]+))?|`[^`]*`)|(?<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?<string>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?<sign><=|>=|!=|<>|==|[=<>(),]))/y;

type Token = { type: 'name' | 'number' | 'string' | 'sign'; text: string };

/**
 * Reads MLflow's filter language: `metrics.acc > 0.9 AND params.model = 'cnn' AND tags.mlflow.user LIKE 'a%'`.
 * A bare name is an attribute; keys with odd characters stand in backticks or double quotes.
 * @throws AirError INVALID_ARGS that names what cannot be read.
 */
export function parseFilter(filter: string): Comparison[] {
  const tokens = tokenize(filter);
  if (tokens.length === 0) return [];
  const comparisons: Comparison[] = [];
  let at = 0;
  const next = (): Token | undefined => tokens[at++];
  const word = (): string => tokens[at]?.text.toUpperCase() ?? '';
  for (;;) {
    comparisons.push(comparison());
    if (at === tokens.length) return comparisons;
    if (word() !== 'AND') throw unreadable(filter, `'${tokens[at]?.text}' stands where only AND can`);
    at++;
  }

  function comparison(): Comparison {
    const name = next();
    if (name?.type !== 'name')
      throw unreadable(filter, 'a comparison begins with a name such as metrics.loss');
    const entity = entityOf(name.text);
    const comparator = readComparator();
    if (comparator === 'IS NULL' || comparator === 'IS NOT NULL')
      return { ...entity, comparator, values: [] };
    if (comparator === 'IN' || comparator === 'NOT IN') return { ...entity, comparator, values: list() };
    return { ...entity, comparator, values: [value()] };
  }

  function readComparator(): Comparison['comparator'] {
    const text = next()?.text.toUpperCase();
    switch (text) {
      case '=':
      case '==':
        return '=';
      case '!=':
      case '<>':
        return '!=';
      case '<':
      case '<=':
      case '>':
      case '>=':
      case 'LIKE':
      case 'ILIKE':
      case 'IN':
        return text;
      case 'NOT':
        if (next()?.text.toUpperCase() === 'IN') return 'NOT IN';
        break;
      case 'IS': {
        const not = word() === 'NOT';
        if (not) at++;
        if (next()?.text.toUpperCase() === 'NULL') return not ? 'IS NOT NULL' : 'IS NULL';
        break;
      }
    }
    throw unreadable(filter, `'${text ?? ''}' is no comparator`);
  }

  function value(): string | number {
    const found = next();
    if (found?.type === 'string') return unquoted(found.text);
    if (found?.type === 'number') return Number(found.text);
    throw unreadable(filter, `'${found?.text ?? ''}' is no value: text stands in quotes`);
  }

  function list(): (string | number)[] {
    if (next()?.text !== '(') throw unreadable(filter, 'IN takes a list in parentheses');
    const values: (string | number)[] = [];
    for (;;) {
      values.push(value());
      const sign = next()?.text;
      if (sign === ')') return values;
      if (sign !== ',') throw unreadable(filter, 'the values of a list are divided by commas');
    }
  }
}

/** Reads one item of `order_by`: a name, then perhaps ASC or DESC. */
export function parseOrdering(text: string): Ordering {
  const match = /^\s*(.*?)(?:\s+(asc|desc))?\s*$/is.exec(text);
  if (!match?.[1]) throw invalid(`'${text}' is nothing to order by.`);
  return { ...entityOf(match[1]), descending: match[2]?.toLowerCase() === 'desc' };
}

function tokenize(filter: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  while (filter.slice(token.lastIndex).trim() !== '') {
    const from = token.lastIndex;
    const groups = token.exec(filter)?.groups;
    if (!groups) throw unreadable(filter, `it makes no sense from '${filter.slice(from).trim()}' on`);
    for (const type of ['name', 'number', 'string', 'sign'] as const) {
      const text = groups[type];
      if (text !== undefined) tokens.push({ type, text });
    }
  }
  return tokens;
}

function entityOf(name: string): Entity {
  const dot = name.indexOf('.');
  const kind = dot === -1 ? undefined : kinds[name.slice(0, dot).toLowerCase()];
  if (dot === -1) return { kind: 'attribute', key: unquoted(name) };
  if (!kind) {
    throw invalid(
      `'${name}' cannot be searched: names begin with metrics, params, tags, attributes or datasets.`,
    );
  }
  return { kind, key: unquoted(name.slice(dot + 1)) };
}

function unquoted(text: string): string {
  const quote = text.charAt(0);
  if (!/['"`]/.test(quote)) return text;
  return text.slice(1, -1).replaceAll(quote + quote, quote);
}

function unreadable(filter: string, why: string) {
  return invalid(`The filter ${filter} cannot be read: ${why}.`);
}
