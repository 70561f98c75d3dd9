import { LogView } from './log-view.js';

const state = document.getElementById('state');
const box = document.getElementById('log');
const choice = document.getElementById('log-choice');
const cancel = document.getElementById('cancel');
const confirm = document.getElementById('confirm');
const { run } = state.dataset;

const log = new LogView(box, document.getElementById('follow'), document.getElementById('log-note'));
void log.show(run, box.dataset.attempt, box.dataset.node);

choice.addEventListener('change', () => {
  const { attempt, node } = choice.elements;
  const address = new URL(location.href);
  address.searchParams.set('attempt', attempt.value);
  address.searchParams.set('node', node.value);
  history.replaceState(null, '', address);
  box.setAttribute('aria-label', `Log of node ${node.value}`);
  void log.show(run, attempt.value, node.value);
});

cancel.addEventListener('submit', (event) => {
  event.preventDefault();
  confirm.showModal();
});
confirm.addEventListener('close', async () => {
  if (confirm.returnValue !== 'cancel') return;
  cancel.querySelector('button').disabled = true;
  await fetch(cancel.action, { method: 'POST', redirect: 'manual' });
  await refresh();
});

let shown = state.innerHTML;
let ended = cancel.hidden;

async function refresh() {
  const response = await fetch(`/pages/runs/${run}/state`);
  if (!response.ok) return;
  const fresh = await response.json();
  ended = fresh.ended;
  cancel.hidden = ended;
  // Unchanged parts stay, so that a selection or the focus in them does too.
  if (fresh.html !== shown) {
    shown = fresh.html;
    state.innerHTML = fresh.html;
  }
  followNewAttempt(fresh.attempts);
}

/** A retry is followed as it starts, if the attempt before it was being followed. */
function followNewAttempt(count) {
  const { attempt, node } = choice.elements;
  const known = attempt.options.length;
  if (count <= known) return;
  const wasNewest = attempt.selectedIndex === known - 1;
  for (let number = known; number < count; number++) attempt.add(new Option(String(number), String(number)));
  if (!wasNewest) return;
  attempt.selectedIndex = count - 1;
  void log.show(run, attempt.value, node.value);
}

async function watch() {
  while (!ended) {
    await new Promise((resolve) => setTimeout(resolve, document.hidden ? 5000 : 1000));
    // A workspace that is away for a moment is asked again.
    await refresh().catch(() => undefined);
  }
}
void watch();
