/** Messages end with a command to paste, after a colon. These are the programs that they name. */
const commandAtEnd = /(?<=: +)(?:air|chmod|databricks|docker|echo|export|git|printf) .*$/;
/** Narrower than this, lines help nobody. */
const narrowest = 20;

/**
 * Sentences below each other, every line after `indent` and at most `width` columns long where words allow it; a
 * terminal's own wrapping would cut words and lose the indent. Without a width nothing is wrapped. Lines that begin
 * with a space are something to paste: they stay as they are, and so does the command that a line ends with.
 */
export function paragraph(text: string, indent: string, width: number | undefined): string {
  const room = width === undefined ? Infinity : Math.max(width - indent.length, narrowest);
  const lines = text.split('\n').flatMap((line) => (line.startsWith(' ') ? [line] : wrapped(line, room)));
  return lines.map((line) => `${indent}${line}\n`).join('');
}

/** Counts characters: what is written here is hardly ever wider than that. */
function wrapped(line: string, room: number): string[] {
  const [command] = commandAtEnd.exec(line) ?? [];
  const words = command === undefined ? line.split(' ') : line.slice(0, -command.length - 1).split(' ');
  if (command !== undefined) words.push(command);
  const lines: string[] = [];
  let current = '';
  for (const word of words) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && longer.length > room) {
      lines.push(current);
      current = word;
    } else {
      current = longer;
    }
  }
  return [...lines, current];
}
