// Text of a terminal as elements: colours and weights become classes, every other control is dropped.
// Only text nodes are made from what a workload printed.

const control =
  /\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_]?)|[\x00-\x08\x0b-\x1a\x7f]/g;

const weights = { 1: 'bold', 2: 'faint', 3: 'italic', 4: 'underline' };
const weightEnds = { 22: ['bold', 'faint'], 23: ['italic'], 24: ['underline'] };

/** One line of a log as a paragraph. */
export function lineElement(text) {
  const line = document.createElement('p');
  const style = { colour: '', weights: new Set() };
  const visible = afterCarriageReturns(text);
  let shown = 0;
  for (const match of visible.matchAll(control)) {
    append(line, visible.slice(shown, match.index), style);
    shown = match.index + match[0].length;
    if (match[2] === 'm') apply(style, match[1]);
  }
  append(line, visible.slice(shown), style);
  return line;
}

/** A progress bar writes its line again and again: the last state counts. */
function afterCarriageReturns(text) {
  const trimmed = text.replace(/\r+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1);
}

function append(line, text, { colour, weights }) {
  if (text === '') return;
  const classes = [colour, ...weights].filter(Boolean);
  if (classes.length === 0) {
    line.append(text);
    return;
  }
  const span = document.createElement('span');
  span.className = classes.join(' ');
  span.textContent = text;
  line.append(span);
}

function apply(style, parameters) {
  const codes = parameters.split(';').map(Number);
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 0) {
      style.colour = '';
      style.weights.clear();
    } else if (weights[code]) style.weights.add(weights[code]);
    else if (weightEnds[code]) for (const weight of weightEnds[code]) style.weights.delete(weight);
    else if (code >= 30 && code <= 37) style.colour = `c${code - 30}`;
    else if (code >= 90 && code <= 97) style.colour = `c${code - 90}`;
    else if (code === 39) style.colour = '';
    // Colours of larger palettes take further parameters, which are no codes of their own.
    else if (code === 38 || code === 48) at += codes[at + 1] === 2 ? 4 : 2;
  }
}
