const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size for people, in decimal units: `0 B`, `999 B`, `1.5 kB`, `20 MB`. */
export function renderBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`;
}
