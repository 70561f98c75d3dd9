import { Config, type Command } from '@oclif/core';
import { join } from 'node:path';
import ts from 'typescript';
import { packageRoot } from './cli.js';

/** Every command with its aliases, arguments and flags, one a line, as text that can be compared. */
export async function commandSurface(): Promise<string> {
  const config = await Config.load({ root: packageRoot, devPlugins: false, userPlugins: false });
  const commands = config.getPluginsList().flatMap((plugin) => plugin.commands);
  commands.sort((a, b) => compare(a.id, b.id));
  return commands.map(commandText).join('\n');
}

function commandText(command: Command.Loadable): string {
  const flags = Object.values(command.flags).sort((a, b) => compare(a.name, b.name));
  const global = flags.filter(({ helpGroup }) => helpGroup === 'GLOBAL').map(({ name }) => `--${name}`);
  const aliases = [...command.aliases, ...command.hiddenAliases];
  return [
    `${command.id.replaceAll(':', ' ')}${marks({ hidden: command.hidden, 'any arguments': !command.strict })}`,
    ...aliases.map((alias) => `  alias ${alias.replaceAll(':', ' ')}`),
    ...Object.values(command.args).map(
      ({ name, required, hidden, options }) => `  ${name}${marks({ required, hidden })}${oneOf(options)}`,
    ),
    ...flags.filter(({ helpGroup }) => helpGroup !== 'GLOBAL').map(flagText),
    ...(global.length > 0 ? [`  global ${global.join(' ')}`] : []),
    '',
  ].join('\n');
}

function flagText(flag: Command.Loadable['flags'][string]): string {
  const { name, char, aliases = [], required, hidden, dependsOn = [], exclusive = [] } = flag;
  const names = [...(char ? [`-${char}`] : []), `--${name}`, ...aliases.map((alias) => `--${alias}`)];
  const value =
    flag.type === 'option' ? ` ${flag.helpValue === undefined ? 'VALUE' : String(flag.helpValue)}` : '';
  const negatable = flag.type === 'boolean' && flag.allowNo;
  const multiple = flag.type === 'option' && flag.multiple;
  const links = [
    ...dependsOn.map((other) => ` needs --${other}`),
    ...exclusive.map((other) => ` not with --${other}`),
  ];
  return `  ${names.join(', ')}${value}${marks({ required, hidden, multiple, negatable })}${oneOf(
    flag.type === 'option' ? flag.options : undefined,
  )}${links.join('')}`;
}

function marks(given: Record<string, boolean | undefined>): string {
  const words = Object.keys(given).filter((word) => given[word]);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

function oneOf(options: readonly string[] | undefined): string {
  return options ? ` ${options.join('|')}` : '';
}

/** The compiler's view of the built package's declarations. */
export function declarations(modules: readonly string[]): ts.Program {
  return ts.createProgram(modules.map(built), {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    types: ['node'],
    skipLibCheck: true,
  });
}

function built(module: string): string {
  return join(packageRoot, 'dist', module);
}

/**
 * The declarations that a module of the package exports, and those of ours that they lead to, without comments,
 * private members and the files they stand in.
 */
export function typeSurface(program: ts.Program, module: string): string {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(built(module));
  const entry = source && checker.getSymbolAtLocation(source);
  if (!entry) throw new Error(`${module} is not built. Type: npm run build`);

  const exports = checker.getExportsOfModule(entry);
  const exported = exports.map(origin);
  const reached = new Set(exported);
  for (const symbol of reached) {
    for (const declaration of ownDeclarations(symbol)) visit(declaration);
  }
  const others = [...reached].filter(
    (symbol) => !exported.includes(symbol) && ownDeclarations(symbol).length > 0,
  );
  const foreign = exports.filter((symbol) => ownDeclarations(origin(symbol)).length === 0);
  const names = foreign.map(({ name }) => `export { ${name} } // of another package\n`).sort();
  return `// exported\n\n${[...names, texts(exported)].join('\n')}\n// reached from there\n\n${texts(others)}`;

  function visit(node: ts.Node): void {
    if (isPrivate(node)) return;
    const name = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : ts.isTypeQueryNode(node)
          ? node.exprName
          : ts.isImportTypeNode(node)
            ? node.qualifier
            : undefined;
    const symbol = name && checker.getSymbolAtLocation(name);
    if (symbol) reached.add(origin(symbol));
    ts.forEachChild(node, visit);
  }

  function origin(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }

  function texts(symbols: readonly ts.Symbol[]): string {
    return [...symbols]
      .sort((a, b) => compare(a.name, b.name))
      .map((symbol) =>
        ownDeclarations(symbol)
          .map((declaration) => `${printed(declaration)}\n`)
          .join(''),
      )
      .filter((text) => text !== '')
      .join('\n');
  }
}

/** The declarations of a symbol that stand in this package, type parameters aside. */
function ownDeclarations(symbol: ts.Symbol): ts.Declaration[] {
  return (symbol.declarations ?? []).filter(
    (declaration) =>
      !ts.isTypeParameterDeclaration(declaration) &&
      declaration.getSourceFile().fileName.startsWith(join(packageRoot, 'dist')),
  );
}

const printer = ts.createPrinter({ removeComments: true });

function printed(declaration: ts.Declaration): string {
  const whole = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const { transformed } = ts.transform<ts.Node>(whole, [
    (context) => {
      const keep = (node: ts.Node): ts.Node | undefined =>
        isPrivate(node) ? undefined : ts.visitEachChild(node, keep, context);
      return (node) => ts.visitEachChild(node, keep, context);
    },
  ]);
  const [node = whole] = transformed;
  return printer.printNode(ts.EmitHint.Unspecified, node, declaration.getSourceFile());
}

function isPrivate(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    !!ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
