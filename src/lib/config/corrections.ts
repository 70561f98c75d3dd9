import { COLLECTION_STYLE, dump } from 'js-yaml';
import { findAccelerator } from '../compute/accelerators.js';
import { meantAccelerators } from '../compute/validation.js';
import { shellWord } from '../shell-word.js';
import type { Node, ScalarNode, SequenceNode } from './nodes.js';
import { isSecretName, looksLikeSecret } from './secrets.js';

/**
 * A value in a form that its field does not take but other tools do, written as this file takes it: a hint
 * that can be pasted. Undefined when it cannot be known what was meant.
 */
export function correctionOf(path: string, node: Node): string | undefined {
  if (node.kind === 'sequence') return corrected(correctedLists[path]?.(node));
  if (node.kind === 'mapping') return undefined;
  if (path === 'timeout_minutes') return minutes(node.text);
  return corrected(correctedTexts[path]?.(node.text.trim()));
}

const correctedLists: Readonly<Record<string, (list: SequenceNode) => object | undefined>> = {
  command: (list) => optional('command', scriptOf(list)),
  env_variables: (list) => optional('env_variables', variablesOf(list)),
  secrets: (list) => optional('secrets', secretsOf(list)),
};

const correctedTexts: Readonly<Record<string, (text: string) => object | undefined>> = {
  code_source: (text) => (text === '' ? undefined : { code_source: { root_path: text } }),
  compute: (text) => {
    // One node of the first type that was probably meant: the smallest, and the cheapest.
    const type = findAccelerator(text) ?? findAccelerator(meantAccelerators(text)[0] ?? '');
    return type && { compute: { num_accelerators: type.gpusPerNode, accelerator_type: type.name } };
  },
};

function optional(field: string, value: unknown): object | undefined {
  return value === undefined ? undefined : { [field]: value };
}

/** Columns of a correction that stands beside the word "Write"; a longer one would be wrapped. */
const widest = 60;

function corrected(fields: object | undefined): string | undefined {
  if (fields === undefined) return undefined;
  const text = dump(fields, { lineWidth: -1 }).trimEnd();
  if (!text.includes('\n') && text.length <= widest) return `Write: ${text}`;
  return `Write:\n${text.replaceAll(/^/gm, '  ')}`;
}

/** The script that a list was probably meant to be; undefined when not every item is a word or a line. */
function scriptOf({ items, style }: SequenceNode): string | undefined {
  const texts = textsOf(items);
  if (texts === undefined || texts.includes('')) return undefined;
  // `[python, train.py]` is one command, as containers take it; a list of lines is a script.
  const isOption = (text: string) => text.startsWith('-');
  const inBlock = style !== COLLECTION_STYLE.FLOW && !texts.some(isOption);
  const isScript = inBlock ? texts.some(hasSpace) : hasSpace(texts[0] ?? '');
  if (!isScript) return texts.map(shellWord).join(' ');
  return texts.length === 1 ? texts[0] : `set -e\n${texts.join('\n')}\n`;
}

function hasSpace(text: string): boolean {
  return /\s/.test(text);
}

function textsOf(items: readonly Node[]): string[] | undefined {
  if (items.length === 0) return undefined;
  const texts = items.map((item) => (item.kind === 'scalar' ? item.text : undefined));
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** Variables of a list: `- A=b`, `- A: b`, and `- name: A` with a `value`. Values of secrets are starred. */
function variablesOf({ items }: SequenceNode): Record<string, string> | undefined {
  const pairs = items.map(pairOf);
  if (pairs.length === 0 || !pairs.every((pair) => pair !== undefined)) return undefined;
  return Object.fromEntries(
    pairs.map(([name, value]) => [name, isSecretName(name) || looksLikeSecret(value) ? '***' : value]),
  );
}

/** The names of a list of secrets. What they are set to may be a secret itself, so only the form is shown. */
function secretsOf(list: SequenceNode): Record<string, string> | undefined {
  const variables = variablesOf(list);
  return variables && Object.fromEntries(Object.keys(variables).map((name) => [name, 'my-scope/my-key']));
}

function pairOf(item: Node): [name: string, value: string] | undefined {
  if (item.kind === 'scalar') {
    const match = /^\s*([A-Za-z_]\w*)=(.*)$/s.exec(item.text);
    return match ? [match[1] ?? '', match[2] ?? ''] : undefined;
  }
  if (item.kind === 'sequence') return undefined;
  const fields = [...item.byKey].map(([name, { value }]) => [name, value] as const);
  const texts = fields.filter((field): field is [string, ScalarNode] => field[1].kind === 'scalar');
  if (texts.length !== fields.length) return undefined;
  const [first, ...others] = texts;
  if (first && others.length === 0) return [first[0], first[1].text];
  const named = new Map(texts);
  const [name, value] = [named.get('name'), named.get('value')];
  return name && value && texts.length === 2 ? [name.text, value.text] : undefined;
}

const secondsOfUnit: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** A duration such as `1h30m`, `1.5h` or `2 days` in whole minutes; undefined when it is none. */
function minutes(text: string): string | undefined {
  const unit = '(d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)';
  const part = `(\\d+(?:\\.\\d+)?)\\s*${unit}`;
  if (!new RegExp(`^\\s*(?:${part}\\s*)+$`, 'i').test(text)) return undefined;
  let seconds = 0;
  for (const [, count, name = ''] of text.matchAll(new RegExp(part, 'gi'))) {
    seconds += Number(count) * (secondsOfUnit[name.charAt(0).toLowerCase()] ?? 0);
  }
  return seconds > 0 && seconds % 60 === 0 ? `Write: ${seconds / 60}` : undefined;
}
