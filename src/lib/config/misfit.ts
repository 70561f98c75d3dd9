import { checkAcceleratorCount, checkAcceleratorType } from '../compute/validation.js';
import { nearest } from '../nearest.js';
import { correctionOf } from './corrections.js';
import { isNull } from './decode.js';
import { typesOf, type FieldSchema } from './fields.js';
import type { Node, ScalarNode } from './nodes.js';
import { integerValue, isPlain, typeOf, yaml11Integer } from './scalars.js';
import { isSecretPath } from './secrets.js';
import { charactersOf } from './source.js';

/** A value of the file beside the field that it is for. */
export interface FieldPlace {
  readonly node: Node;
  readonly field: FieldSchema;
  readonly path: string;
  /** The key that holds the value; undefined at the top and in a list. */
  readonly key: ScalarNode | undefined;
}

interface Words {
  message: string;
  hint?: string;
}

/** What is wrong with a value that its field does not take; `keyword` is the schema's rule that it breaks. */
export function misfitWords(place: FieldPlace, keyword: string): Words {
  const { node, field, path } = place;
  const words = knownMisfit(place, keyword) ?? {
    message: `${nameOf(place)} is ${shown(node, path)}: expected ${field['x-expected'] ?? typeWords(field)}.`,
  };
  const isForm = keyword === 'type' || keyword === 'pattern';
  const correction = words.hint === undefined && isForm ? correctionOf(path, node) : undefined;
  return correction === undefined ? words : { ...words, hint: correction };
}

function knownMisfit(place: FieldPlace, keyword: string): Words | undefined {
  const { node, field, path } = place;
  if (keyword === 'minItems')
    return { message: `${path} is an empty list: name at least one, or remove the field.` };
  if (/^secrets[.[]/.test(path))
    return {
      message: `${path} is not of the form scope/key.`,
      hint: `Name a secret scope and a key in it, as in ${place.key?.text ?? 'NAME'}: my-scope/my-key`,
    };
  if (/^env_variables[.[]/.test(path) && node.kind !== 'scalar')
    return {
      message: `${nameOf(place)} is ${shown(node, path)}: expected text.`,
      hint: 'A variable holds one text: put quotes around it.',
    };
  if (node.kind !== 'scalar') return undefined;
  if (path === 'compute.accelerator_type' && keyword === 'enum') return checkAcceleratorType(node.text);
  if (path === 'compute.num_accelerators' && (keyword === 'minimum' || keyword === 'maximum')) {
    return checkAcceleratorCount(Number(node.text), undefined);
  }
  if (keyword === 'type' && typesOf(field).includes('integer')) return notAnInteger(place, node);
  if (isNull(node))
    return { message: `${nameOf(place)} has no value: expected ${field['x-expected'] ?? typeWords(field)}.` };
  if (keyword === 'maxLength') return tooLong(place, node);
  if (keyword === 'enum') return notInList(place, node);
  return undefined;
}

function tooLong(place: FieldPlace, node: ScalarNode): Words {
  const length = charactersOf(node.text.trim()).length;
  return {
    message: `${nameOf(place)} has ${length} characters: expected ${place.field['x-expected'] ?? 'fewer'}.`,
  };
}

function notInList(place: FieldPlace, node: ScalarNode): Words {
  const { field } = place;
  const meant = nearest(
    node.text,
    (field.enum ?? []).filter((name) => name !== ''),
  );
  return {
    message: `${nameOf(place)} is ${shown(node, place.path)}: expected ${field['x-expected'] ?? 'another value'}.`,
    ...(meant === null ? {} : { hint: `Did you mean ${meant}?` }),
  };
}

/** Why a value is no integer for us. Two of the reasons are numbers that YAML versions read apart. */
function notAnInteger(place: FieldPlace, node: ScalarNode): Words {
  const name = nameOf(place);
  const expected = `expected ${place.field['x-expected'] ?? 'a whole number'}`;
  const old = isPlain(node) ? yaml11Integer(node.text) : undefined;
  if (old !== undefined) {
    const isCoreInteger = typeOf(node) === 'integer';
    const now = isCoreInteger ? String(integerValue(node.text)) : 'text';
    const choices = isCoreInteger ? `${now} or ${old}` : String(old);
    return {
      message: `${name} is ${node.text}: YAML 1.2 reads this as ${now}, YAML 1.1 as ${old}.`,
      hint: `Write the number that is meant: ${choices}.`,
    };
  }
  if (!isPlain(node)) {
    const bare = /^[-+]?\d+$/.test(node.text.trim());
    return {
      message: `${name} is the text ${shown(node, place.path)}: ${expected}.`,
      ...(bare ? { hint: `Remove the quotes: ${node.text.trim()}` } : {}),
    };
  }
  return {
    message: `${name} is ${node.text === '' ? 'empty' : shown(node, place.path)}: ${expected}, without quotes, dot or exponent.`,
  };
}

function nameOf({ path, key }: FieldPlace): string {
  return /^secrets\b/.test(path) || key === undefined ? path : key.text;
}

/** A hint that says what a field takes. */
export function expectation(field: FieldSchema | undefined): string | undefined {
  return field && `Expected: ${field['x-expected'] ?? typeWords(field)}.`;
}

function typeWords(field: FieldSchema): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    integer: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: field.properties
      ? `a map with ${Object.keys(field.properties).length > 1 ? 'the fields' : 'the field'} ${Object.keys(field.properties).join(', ')}`
      : 'a map',
  };
  return typesOf(field)
    .map((type) => words[type] ?? type)
    .join(' or ');
}

/** A value inside a sentence: short, in quotes when it is text, and never a secret. */
export function shown(node: Node, path: string): string {
  if (node.kind === 'sequence') return 'a list';
  if (node.kind === 'mapping') return 'a map';
  if (isSecretPath(path, node)) return 'a value that is not shown';
  if (node.text.trim() === '') return node.text === '' ? 'empty' : 'blank';
  const text = node.text.length > 60 ? `${node.text.slice(0, 57)}...` : node.text;
  return isPlain(node) && typeOf(node) !== 'string' ? text : JSON.stringify(text);
}
