const secondsOfUnit: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** A duration such as `1h30m`, `1.5h` or `2 days` in whole minutes; undefined when it is none. */
export function durationMinutes(text: string): number | undefined {
  const unit = '(d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)';
  const part = `(\\d+(?:\\.\\d+)?)\\s*${unit}`;
  if (!new RegExp(`^\\s*(?:${part}\\s*)+$`, 'i').test(text)) return undefined;
  let seconds = 0;
  for (const [, count, name = ''] of text.matchAll(new RegExp(part, 'gi'))) {
    seconds += Number(count) * (secondsOfUnit[name.charAt(0).toLowerCase()] ?? 0);
  }
  return seconds > 0 && seconds % 60 === 0 ? seconds / 60 : undefined;
}
