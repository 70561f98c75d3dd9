import type { Node } from './nodes.js';
import { segmentsOf } from './fields.js';

const secretName = /token|secret|password|passwd|credential|api_key|access_key/i;
const publishedPrefix = /^(?:hf_|dapi|sk-|ghp_|AKIA)[A-Za-z0-9_-]{8,}/;

/** A name whose value is not to be echoed. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** A value that begins as the keys of well-known services do. */
export function looksLikeSecret(text: string): boolean {
  return publishedPrefix.test(text);
}

/** Whether the value at a path of the file is not to be shown: a secret by its name or by its looks. */
export function isSecretPath(path: string, node?: Node): boolean {
  if (node?.source.secret) return true;
  if (node?.kind === 'scalar' && looksLikeSecret(node.text)) return true;
  const [top, ...below] = segmentsOf(path);
  if (top === 'secrets') return below.length > 0 || (node !== undefined && node.kind !== 'mapping');
  if ((path === 'env_variables' || path === 'parameters') && node && node.kind !== 'mapping')
    return namesSecret(node);
  return (
    (top === 'env_variables' || top === 'parameters') && below.some((name) => isSecretName(String(name)))
  );
}

/** Whether a list or a text that should have been a map of variables (`- MY_TOKEN=x`) sets a secret. */
function namesSecret(item: Node): boolean {
  if (item.kind === 'scalar') return isSecretName(item.text) || item.text.split('=').some(looksLikeSecret);
  if (item.kind === 'sequence') return item.items.some(namesSecret);
  return [...item.byKey].some(([name, { value }]) => isSecretName(name) || namesSecret(value));
}
