/**
 * Text from outside, made safe for a terminal: control characters, which could move the cursor or forge
 * output, become visible marks. Tabs become spaces; line breaks stay.
 */
export function printable(text: string): string {
  return text
    .replaceAll('\t', '    ')
    .replace(/[\u0000-\u0009\u000B-\u001F]/g, (char) => String.fromCodePoint(0x2400 + char.charCodeAt(0)))
    .replace(/[\u007F-\u009F\u2028\u2029]/g, '\uFFFD');
}
