/** Seconds as people read them, zero units left out: `45s`, `1m 3s`, `2h 1m`. */
export function durationText(seconds: number): string {
  const units: [number, string][] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's'],
  ];
  const parts = units.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`);
  return parts.length === 0 ? '0s' : parts.join(' ');
}

/** A guess needs no seconds: `<1m`, `2m`, `2h 15m`. */
export function coarseDurationText(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes === 0 ? '<1m' : durationText(minutes * 60);
}

/** An ISO time in UTC as `YYYY-MM-DD HH:MM UTC`. */
export function minuteText(isoTime: string): string {
  return `${isoTime.slice(0, 10)} ${isoTime.slice(11, 16)} UTC`;
}
