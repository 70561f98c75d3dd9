import { lineElement } from './ansi.js';

const mostLines = 5000;
/** Milliseconds between two questions, and after a failed one. */
const pause = 200;
const pauseAfterFailure = 2000;

/** Shows the log of one node and follows it until its attempt has ended. */
export class LogView {
  #box;
  #follow;
  #note;
  #stop = new AbortController();

  constructor(box, follow, note) {
    this.#box = box;
    this.#follow = follow;
    this.#note = note;
    // Who scrolls up wants to read; who returns to the end wants to go on.
    box.addEventListener('scroll', () => {
      const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
      if (atEnd !== follow.checked) this.#following(atEnd);
    });
    follow.addEventListener('change', () => this.#following(follow.checked));
  }

  /** Leaves what it showed and shows another log. */
  async show(run, attempt, node) {
    this.#stop.abort();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#box.replaceChildren();
    this.#following(true);
    let position;
    while (!signal.aborted) {
      const query = new URLSearchParams({ attempt, node });
      if (position !== undefined) query.set('position', position);
      try {
        const response = await fetch(`/pages/runs/${run}/log?${query}`, { signal });
        if (!response.ok) throw new Error(`The workspace answered ${response.status}.`);
        const tail = await response.json();
        if (signal.aborted) return;
        position = tail.position;
        this.#add(tail);
        this.#say(
          tail.ended
            ? this.#box.childElementCount === 0
              ? 'Nothing was logged.'
              : 'The log is complete.'
            : 'live',
        );
        if (tail.ended) return;
        await sleep(document.hidden ? 5 * pause : pause);
      } catch {
        if (signal.aborted) return;
        this.#say('The workspace does not answer; trying again.');
        await sleep(pauseAfterFailure);
      }
    }
  }

  #add({ lines, skipped }) {
    if (lines.length === 0) return;
    const added = document.createDocumentFragment();
    if (skipped) {
      const gap = lineElement('... earlier lines are not shown');
      gap.className = 'skipped';
      added.append(gap);
    }
    for (const line of lines) added.append(lineElement(line));
    this.#box.append(added);
    const surplus = this.#box.childElementCount - mostLines;
    if (surplus > 0) {
      const range = document.createRange();
      range.setStart(this.#box, 0);
      range.setEnd(this.#box, surplus);
      range.deleteContents();
    }
    this.#toEnd();
  }

  #following(on) {
    this.#follow.checked = on;
    this.#box.classList.toggle('read', !on);
    this.#toEnd();
  }

  #toEnd() {
    if (this.#follow.checked) this.#box.scrollTop = this.#box.scrollHeight;
  }

  #say(text) {
    if (this.#note.textContent !== text) this.#note.textContent = text;
  }
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
