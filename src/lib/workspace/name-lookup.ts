import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Callback = Parameters<LookupFunction>[2];
type Found = Parameters<Callback>;

const pending = new Map<string, Callback[]>();

/**
 * Resolves a host's name as the system does, with an end in sight when no name server answers. Nothing can cancel
 * such a lookup, and a process cannot end before it: so each server is asked twice for a second, and a name that is
 * being looked up is not looked up again beside it.
 */
export const lookUpName: LookupFunction = (hostname, options, callback) => {
  const question = JSON.stringify([hostname, options]);
  const waiting = pending.get(question);
  if (waiting) {
    waiting.push(callback);
    return;
  }
  const askers = [callback];
  pending.set(question, askers);
  limitResolver();
  lookup(hostname, options, (...found: Found) => {
    pending.delete(question);
    if (pending.size === 0) freeResolver();
    for (const asker of askers) asker(...found);
  });
};

/** Read by the resolver of glibc, which knows no other way; a user's own choice stands. */
const resolverOptions = 'RES_OPTIONS';
const ourLimits = 'timeout:1 attempts:2';

function limitResolver(): void {
  process.env[resolverOptions] ??= ourLimits;
}

/** No child of ours is to inherit the limits. */
function freeResolver(): void {
  if (process.env[resolverOptions] === ourLimits) Reflect.deleteProperty(process.env, resolverOptions);
}
