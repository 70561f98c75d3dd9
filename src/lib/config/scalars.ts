import type { ScalarNode } from './nodes.js';

/** What a YAML 1.2 core reader makes of a scalar. */
export type ScalarType = 'null' | 'boolean' | 'integer' | 'float' | 'string';

const coreNull = /^(?:null|Null|NULL|~|)$/;
const coreBoolean = /^(?:true|True|TRUE|false|False|FALSE)$/;
const coreInteger = /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/;
const coreFloat =
  /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** The characters that a plain scalar other than a string can begin with. */
const mayBeTyped = /^[-+.0-9~nNtTfF]/;

export function typeOfPlain(text: string): ScalarType {
  if (text === '') return 'null';
  if (!mayBeTyped.test(text)) return 'string';
  if (coreNull.test(text)) return 'null';
  if (coreBoolean.test(text)) return 'boolean';
  if (coreInteger.test(text)) return 'integer';
  if (coreFloat.test(text)) return 'float';
  return 'string';
}

const shortTags: Readonly<Record<string, ScalarType>> = {
  'tag:yaml.org,2002:null': 'null',
  'tag:yaml.org,2002:bool': 'boolean',
  'tag:yaml.org,2002:int': 'integer',
  'tag:yaml.org,2002:float': 'float',
  'tag:yaml.org,2002:str': 'string',
  '!': 'string',
};

/** The type an explicit tag asks for; undefined for a tag that YAML 1.2 core does not know. */
export function typeOfTag(tag: string): ScalarType | undefined {
  return shortTags[tag];
}

export function isPlain(node: ScalarNode): boolean {
  return node.style === 1;
}

export function typeOf(node: ScalarNode): ScalarType {
  if (node.tag !== undefined) return typeOfTag(node.tag) ?? 'string';
  return isPlain(node) ? typeOfPlain(node.text) : 'string';
}

/** The exact value of a core integer (`12`, `-3`, `0x1F`, `0o17`). */
export function integerValue(text: string): bigint {
  if (/^0[ox]/.test(text)) return BigInt(text);
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text.replace('+', ''));
}

/**
 * How a YAML 1.1 reader takes a plain scalar that it reads otherwise than a 1.2 reader does, in words;
 * undefined when both agree. The forms are those of PyYAML, which most training programs read with.
 */
export function yaml11Reading(text: string): string | undefined {
  if (!/^[-+.0-9=yYnNoO]/.test(text) || sameNumber.test(text)) return undefined;
  if (/^(?:yes|Yes|YES|on|On|ON)$/.test(text)) return 'true';
  if (/^(?:no|No|NO|off|Off|OFF)$/.test(text)) return 'false';
  if (text === '=') return 'a special value';
  if (/^[-+]?0[bx]_+$/.test(text)) return 'a number without digits';
  if (/^\d{4}-\d\d-\d\d$/.test(text) || timestamp.test(text)) return 'a date';
  const integer = yaml11Integer(text);
  if (integer !== undefined) {
    const same = coreInteger.test(text) && integerValue(text) === integer;
    return same ? undefined : `the number ${integer}`;
  }
  const core = typeOfPlain(text);
  if (yaml11Float.test(text)) {
    if (core === 'float') return undefined;
    return sexagesimalFloat.test(text) ? 'a number in base 60' : 'a number';
  }
  return core === 'integer' || core === 'float' ? 'text' : undefined;
}

/**
 * What a plain scalar that YAML versions read apart may have been meant to say, in spellings that they all
 * read alike: the numbers that it may be, and the text in quotes. A float such as `1e-4` is only a number.
 */
export function alikeSpellings(text: string): string[] {
  const quoted = JSON.stringify(text);
  const reading = yaml11Reading(text);
  if (reading === 'true' || reading === 'false') return [`${quoted} (in quotes)`, reading];
  if (typeOfPlain(text) === 'float') return [portableFloat(text)];
  const numbers = [coreInteger.test(text) ? integerValue(text) : undefined, yaml11Integer(text)];
  const spelled = numbers.filter((number) => number !== undefined).map(String);
  return [...new Set(spelled), `${quoted} (in quotes)`];
}

/** The usual notations of numbers, which every version reads alike. */
const sameNumber = /^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;
const timestamp =
  /^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$/;
const sexagesimalFloat = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/;
const yaml11Float =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** The value of a YAML 1.1 integer: `010` is eight, `1_000` a thousand, `0b11` three, `1:30` ninety. */
export function yaml11Integer(text: string): bigint | undefined {
  const match = /^([-+]?)(.+)$/s.exec(text);
  if (!match) return undefined;
  const magnitude = yaml11Magnitude(match[2] ?? '');
  if (magnitude === undefined) return undefined;
  return match[1] === '-' ? -magnitude : magnitude;
}

function yaml11Magnitude(text: string): bigint | undefined {
  const digits = text.replaceAll('_', '');
  if (/^0b[01_]+$/.test(text)) return digits === '0b' ? undefined : BigInt(digits);
  if (/^0x[0-9a-fA-F_]+$/.test(text)) return digits === '0x' ? undefined : BigInt(digits);
  if (/^0[0-7_]*$/.test(text)) return BigInt(`0o${digits}`);
  if (/^[1-9][0-9_]*$/.test(text)) return BigInt(digits);
  if (/^[1-9][0-9_]*(?::[0-5]?[0-9])+$/.test(text)) {
    return digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  }
  return undefined;
}

/**
 * A core float in a form that YAML 1.1 and 1.2 read alike, with every digit kept: a dot in the mantissa and
 * a sign in the exponent (`1e-05` becomes `1.0e-05`).
 */
export function portableFloat(text: string): string {
  const match = /^([-+]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([-+]?)([0-9]+))?$/.exec(text);
  if (!match) return text.toLowerCase().replace('+', '');
  const [, sign = '', whole = '', fraction = '', exponentSign = '', exponent] = match;
  const mantissa = `${sign === '-' ? '-' : ''}${whole === '' ? '0' : whole}.${fraction === '' ? '0' : fraction}`;
  return exponent === undefined ? mantissa : `${mantissa}e${exponentSign === '-' ? '-' : '+'}${exponent}`;
}
