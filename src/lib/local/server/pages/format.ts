import { html, type Html } from './html.js';

/** A moment as this machine's clock on the wall shows it, with the exact one for machines. */
export function time(milliseconds: number | null | undefined): Html {
  if (!milliseconds) return html`<span class="none">-</span>`;
  const date = new Date(milliseconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return html`<time datetime="${date.toISOString()}">${day} ${clock}</time>`;
}

/** A length of time with its two largest units. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function bytes(count: number | undefined): string {
  if (count === undefined) return '-';
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit] ?? ''}`;
}

/** A metric's value: six significant digits say enough in a table. */
export function metric(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(6)));
}

/** The word that a reader should see for a state, and the kind of badge it gets. */
export function badge(word: string): Html {
  return html`<span class="badge ${kindOf(word)}">${word.replaceAll('_', ' ').toLowerCase()}</span>`;
}

function kindOf(word: string): string {
  switch (word) {
    case 'SUCCESS':
    case 'FINISHED':
      return 'good';
    case 'FAILED':
    case 'TIMEDOUT':
    case 'INTERNAL_ERROR':
      return 'bad';
    case 'RUNNING':
    case 'TERMINATING':
      return 'busy';
    default:
      return 'quiet';
  }
}
