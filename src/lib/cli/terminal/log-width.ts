import stringWidth from 'string-width';

/** The beginning of a text that fits into so many columns; colour sequences take none and are kept whole. */
export function truncateToWidth(text: string, columns: number): string {
  if (text.length <= columns || stringWidth(text) <= columns) return text;
  let width = 0;
  let kept = '';
  for (const [piece] of text.matchAll(/\u001B\[[0-9;:]*m|./gsu)) {
    const next = piece.startsWith('\u001B') ? 0 : stringWidth(piece);
    if (width + next > columns) break;
    width += next;
    kept += piece;
  }
  return kept.includes('\u001B') ? `${kept}\u001B[0m` : kept;
}
