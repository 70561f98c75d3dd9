import { randomInt } from 'node:crypto';

const qualities =
  'amber bold brisk calm clever crisp deft eager fair gentle keen lively mellow nimble proud quiet rapid sharp steady vivid'.split(
    ' ',
  );
const animals =
  'badger crane dolphin falcon gecko heron ibex jackal koala lynx marten newt otter puffin quail raven stoat tapir vole wren'.split(
    ' ',
  );

/** A name for a run whose client gave none: easy to say and to tell apart, not unique. */
export function randomRunName(): string {
  const pick = (words: readonly string[]) => words[randomInt(words.length)] ?? '';
  return `${pick(qualities)}-${pick(animals)}-${randomInt(1000)}`;
}
