import { nodeCount, findAccelerator } from '../compute/accelerators.js';
import { pathOf } from './fields.js';
import type { MappingNode, Node, ScalarNode } from './nodes.js';
import type { Problem } from './problem.js';
import { alikeSpellings, isPlain, yaml11Reading } from './scalars.js';
import { isSecretName, isSecretPath, looksLikeSecret } from './secrets.js';
import type { DecodedWorkload } from './validate.js';

type Warn = (path: string, node: Node, message: string, hint?: string) => void;

/** What is valid and yet rarely meant. */
export function warningsOf(root: MappingNode, value: DecodedWorkload): Problem[] {
  const warnings: Problem[] = [];
  const warn: Warn = (path, node, message, hint) =>
    warnings.push({
      path,
      source: node.source,
      offset: node.start,
      message,
      hint,
      secret: isSecretPath(path, node),
    });
  new ScalarWalk(warn).visitFile(root);
  for (const [key, { value: node }] of entriesAt(root, 'env_variables')) secretLiteral(key, node, warn);
  commandWarnings(root, value, warn);
  return warnings;
}

function entriesAt(root: MappingNode, name: string): Iterable<[string, { value: Node }]> {
  const node = root.byKey.get(name)?.value;
  return node?.kind === 'mapping' ? node.byKey : [];
}

/** Looks at every scalar once, however many aliases lead to it. Paths are put together only for warnings. */
class ScalarWalk {
  private readonly seen = new Set<Node>();
  private readonly path: (string | number)[] = [];

  constructor(private readonly warn: Warn) {}

  visitFile(root: MappingNode): void {
    for (const [key, { value }] of root.byKey) {
      this.path.push(key);
      this.visit(value, key === 'parameters');
      this.path.pop();
    }
  }

  private visit(node: Node, isParameter: boolean): void {
    if (node.kind === 'scalar') {
      if (isParameter) this.readAlike(node, alikeSpellings);
      this.placeholder(node);
      return;
    }
    if (this.seen.has(node)) return;
    this.seen.add(node);
    if (node.kind === 'sequence') {
      for (const [index, item] of node.items.entries()) {
        this.path.push(index);
        this.visit(item, isParameter);
        this.path.pop();
      }
      return;
    }
    for (const [name, { key, value }] of node.byKey) {
      this.path.push(name);
      if (isParameter) this.readAlike(key, (text) => [JSON.stringify(text)]);
      this.visit(value, isParameter);
      this.path.pop();
    }
  }

  private placeholder(node: ScalarNode): void {
    if (!node.text.includes('<') && !node.text.includes('__')) return;
    const match = placeholder.exec(node.text);
    if (!match) return;
    const message = `${match[0]} looks like a placeholder that was left in.`;
    this.report(node, message, 'Put the real value there.');
  }

  private readAlike(node: ScalarNode, spellings: (text: string) => readonly string[]): void {
    if (!isPlain(node) || node.tag !== undefined) return;
    const old = yaml11Reading(node.text);
    if (old === undefined) return;
    this.report(
      node,
      `${node.text} is read as ${old} by YAML 1.1 programs such as PyYAML. The program will get the YAML 1.2 value.`,
      `Write: ${spellings(node.text).join(' or ')}`,
    );
  }

  private report(node: ScalarNode, message: string, hint: string): void {
    this.warn(this.path.reduce<string>(pathOf, ''), node, message, hint);
  }
}

const placeholder =
  /^<[A-Za-z][\w .-]*>$|<(?:catalog|schema|image|tag|scope|key|user|workspace|path|name|volume)>|__[A-Z][A-Z0-9_]*__/;

function secretLiteral(name: string, node: Node, warn: Warn): void {
  if (node.kind !== 'scalar' || node.text.trim() === '') return;
  const path = pathOf('env_variables', name);
  if (looksLikeSecret(node.text)) {
    warn(
      path,
      node,
      `The value of ${name} looks like a secret, and everybody who sees the run can read it.`,
      useSecrets(name),
    );
  } else if (isSecretName(name) && !/^(?:true|false|\d{1,4}|\$.*|\/.*)$/i.test(node.text)) {
    warn(
      path,
      node,
      `${name} sounds like a secret, and everybody who sees the run can read it here.`,
      useSecrets(name),
    );
  }
}

function useSecrets(name: string): string {
  return `Put it into a secret scope and write: secrets: { ${name}: my-scope/my-key }`;
}

function commandWarnings(root: MappingNode, value: DecodedWorkload, warn: Warn): void {
  const entry = root.byKey.get('command');
  const node = entry?.value;
  const command = value['command'];
  if (!entry || node?.kind !== 'scalar' || typeof command !== 'string') return;
  // Those of the file itself are gone once it is read.
  if (node.text.includes('\r\n')) {
    warn('command', node, 'command has Windows line ends.', 'bash stumbles over them: write \\n for \\r\\n.');
  }
  if (isScript(command) && !stopsAtErrors.test(command)) {
    warn(
      'command',
      node,
      'command has several lines and no "set -e": when one fails, the next ones run all the same.',
      'Begin it with: set -euo pipefail',
    );
  }
  const nodes = nodesOf(value);
  const asked = /--nnodes[= ]+["']?(\d+)["']?(?![\d:.])/.exec(command)?.[1];
  if (nodes !== undefined && asked !== undefined && Number(asked) !== nodes) {
    const count = nodes === 1 ? '1 node' : `${nodes} nodes`;
    warn(
      'command',
      node,
      `command says --nnodes ${asked}, but the run has ${count}.`,
      'Write: --nnodes "$NUM_NODES"',
    );
  }
}

const stopsAtErrors =
  /^[ \t]*set[ \t]+(?:-[a-zA-Z]*e|-o[ \t]+errexit|.*[ \t]-[a-zA-Z]*e|.*errexit)|^#!.*[ \t]-[a-zA-Z]*e/m;

/** More than one line that does something, continuation lines counted as one. */
function isScript(command: string): boolean {
  const lines = command.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/);
  return lines.filter((line) => /^\s*[^\s#]/.test(line)).length > 1;
}

function nodesOf(value: DecodedWorkload): number | undefined {
  const compute = value['compute'] as { accelerator_type?: unknown; num_accelerators?: unknown } | undefined;
  const { accelerator_type: type, num_accelerators: count } = compute ?? {};
  if (typeof type !== 'string' || typeof count !== 'number' || !findAccelerator(type)) return undefined;
  const nodes = nodeCount(type, count);
  return Number.isInteger(nodes) && nodes > 0 ? nodes : undefined;
}
