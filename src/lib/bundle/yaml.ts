export type YamlValue = string | number | boolean | YamlValue[] | { [key: string]: YamlValue };

/** Plain words that some YAML version reads as something else than text. */
const reserved = /^(?:true|false|null|yes|no|on|off|y|n|~)$/i;
const plainWord = /^[A-Za-z_./][\w./ -]*(?<! )$/;
const numberLike = /^[-+.]?(?:\d|inf|nan)/i;

/**
 * A small tree as YAML of two spaces, in the order of its keys. Text that any YAML version could read
 * otherwise stands in double quotes, escaped as JSON.
 */
export function yamlText(value: Record<string, YamlValue>): string {
  return `${mapping(value, '').join('\n')}\n`;
}

function mapping(value: Record<string, YamlValue>, indent: string): string[] {
  return Object.entries(value).flatMap(([key, child]) => {
    const name = `${indent}${scalar(key)}:`;
    if (typeof child !== 'object') return [`${name} ${scalar(child)}`];
    if (Array.isArray(child)) return [name, ...sequence(child, `${indent}  `)];
    return [name, ...mapping(child, `${indent}  `)];
  });
}

function sequence(items: YamlValue[], indent: string): string[] {
  return items.flatMap((item) => {
    if (typeof item !== 'object') return [`${indent}- ${scalar(item)}`];
    const lines = Array.isArray(item) ? sequence(item, `${indent}  `) : mapping(item, `${indent}  `);
    const [first = '', ...rest] = lines;
    return [`${indent}- ${first.trimStart()}`, ...rest];
  });
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  const plain = plainWord.test(value) && !reserved.test(value) && !numberLike.test(value);
  return plain ? value : JSON.stringify(value);
}
