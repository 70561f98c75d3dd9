export type OutputFormat = 'text' | 'json';

/**
 * The output format that a command line asks for, read from the raw words: it must be known even when the
 * words cannot be parsed, since usage errors are enveloped too. The last one given wins; an unknown value
 * counts as not given (the parser reports it).
 */
export function outputFormatOf(argv: readonly string[], env: NodeJS.ProcessEnv): OutputFormat {
  let format = asFormat(env['DATABRICKS_OUTPUT_FORMAT']);
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  for (const [index, word] of words.entries()) {
    if (word === '--json') format = 'json';
    else if (word === '-o' || word === '--output') format = asFormat(words[index + 1]) ?? format;
    else if (word.startsWith('--output=')) format = asFormat(word.slice('--output='.length)) ?? format;
    else if (/^-o=?./.test(word)) format = asFormat(word.replace(/^-o=?/, '')) ?? format;
  }
  return format ?? 'text';
}

function asFormat(text: string | undefined): OutputFormat | undefined {
  return text === 'json' || text === 'text' ? text : undefined;
}
