/**
 * A glob as an expression over a whole name, upper and lower case alike: `*` any text, slashes too, `?` one
 * character, `[a-z]` and `[!a-z]` one of a set, `\` takes the next character as it is.
 * Null for a pattern that does not end what it begins.
 */
export function globExpression(pattern: string): RegExp | null {
  let source = '';
  let at = 0;
  while (at < pattern.length) {
    const char = String.fromCodePoint(pattern.codePointAt(at) ?? 0);
    at += char.length;
    if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else if (char === '[') {
      const set = /^([!^]?)((?:\\.|[^\\\]])+)\]/su.exec(pattern.slice(at));
      if (!set) return null;
      source += `[${set[1] ? '^' : ''}${(set[2] ?? '').replace(/\\?([\s\S])/gu, (_, one: string) => setMember(one))}]`;
      at += set[0].length;
    } else if (char === '\\') {
      const next = pattern.codePointAt(at);
      if (next === undefined) return null;
      source += literal(String.fromCodePoint(next));
      at += String.fromCodePoint(next).length;
    } else source += literal(char);
  }
  try {
    return new RegExp(`^${source}$`, 'isu');
  } catch {
    return null;
  }
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function setMember(char: string): string {
  return char === '-' ? '-' : literal(char);
}
