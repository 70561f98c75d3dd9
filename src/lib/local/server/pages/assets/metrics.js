import uPlot from './uPlot.esm.js';

const box = document.getElementById('plots');
const axis = document.getElementById('axis');
const logarithmic = document.getElementById('logarithmic');
const { run } = box.dataset;
const height = 220;
/** Milliseconds between two looks at a run that goes on; more when answers take long. */
const shortestPause = 2000;

/** The plots by their metric's key, each with the mark of the newest point that it shows. */
const plots = new Map();

class Plot {
  mark = '';
  #figure = document.createElement('figure');
  #value = document.createElement('output');
  #canvas = document.createElement('div');
  #points;
  #newest = '';
  #chart;

  constructor(key) {
    this.key = key;
    const caption = document.createElement('figcaption');
    const name = document.createElement('span');
    name.textContent = key;
    caption.append(name, this.#value);
    this.#figure.className = 'plot';
    this.#figure.append(caption, this.#canvas);
    box.append(this.#figure);
    new ResizeObserver(() => this.#chart?.setSize({ width: this.#canvas.clientWidth, height })).observe(
      this.#canvas,
    );
  }

  async load({ value, mark }, startTime) {
    this.#newest = numberText(value);
    this.#value.textContent = this.#newest;
    if (mark === this.mark) return;
    const response = await fetch(`/pages/tracking/${run}/metric?${new URLSearchParams({ key: this.key })}`);
    if (!response.ok) return;
    const { steps, times, values } = await response.json();
    this.#points = {
      steps: steps.map(Number),
      times: times.map((time) => (Number(time) - startTime) / 1000),
      values,
    };
    this.mark = mark;
    this.draw();
  }

  draw() {
    if (!this.#points) return;
    const overTime = axis.querySelector(':checked').value === 'time';
    const { steps, times, values } = this.#points;
    const data = byX(overTime ? times : steps, values);
    this.#figure.setAttribute(
      'aria-label',
      `${this.key} over ${overTime ? 'seconds' : 'steps'}, ${values.length} points`,
    );
    this.#chart?.destroy();
    this.#chart = new uPlot(
      optionsOf(this.key, this.#canvas.clientWidth, data, (at) => {
        const [x, y] = [data[0][at], data[1][at]];
        this.#value.textContent =
          at === null || at === undefined
            ? this.#newest
            : `${overTime ? `${numberText(x)} s` : `step ${x.toLocaleString('en')}`}: ${numberText(y)}`;
      }),
      data,
      this.#canvas,
    );
  }
}

/** uPlot wants rising x values. */
function byX(xs, ys) {
  const order = xs.map((_, index) => index).sort((a, b) => xs[a] - xs[b] || a - b);
  return [order.map((index) => xs[index]), order.map((index) => ys[index])];
}

/** `pointed` is told the index of the point under the pointer; null when there is none. */
function optionsOf(key, width, [xs, ys], pointed) {
  const colours = getComputedStyle(document.documentElement);
  const colour = (name) => colours.getPropertyValue(name).trim();
  const font = `11px ${colour('--mono')}`;
  const grid = { stroke: colour('--line'), width: 1 };
  const axisOf = (values) => ({
    stroke: colour('--muted'),
    font,
    grid,
    ticks: grid,
    ...(values && { values }),
  });
  // A logarithm needs positive values: without any the axis stays linear.
  const positive = ys.some((value) => value > 0);
  const logarithm = logarithmic.checked && positive;
  return {
    width,
    height,
    cursor: { drag: { x: true, y: false }, y: false },
    legend: { show: false },
    hooks: { setCursor: [(chart) => pointed(chart.cursor.idx)] },
    scales: {
      x: { time: false },
      y: logarithm ? { distr: 3, log: 10 } : {},
    },
    series: [
      {},
      {
        label: key,
        stroke: colour('--accent'),
        width: 1.5,
        spanGaps: false,
        points: { show: xs.length < 60, fill: colour('--surface') },
      },
    ],
    axes: [
      { ...axisOf(), size: 34 },
      { ...axisOf((_, ticks) => ticks.map(shortNumber)), size: widthOf },
    ],
  };
}

/** The room of an axis for the longest of its labels. */
function widthOf(_, labels) {
  return 22 + 7 * Math.max(3, ...(labels ?? []).map((label) => label.length));
}

/** A value with the digits that a reader needs; a text such as NaN as it is. */
function numberText(value) {
  if (value === null || value === undefined) return 'no number';
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : value;
}

function shortNumber(value) {
  if (value === null || value === undefined) return '';
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e5 || size < 1e-3)
    ? value.toExponential(0)
    : String(Number(value.toPrecision(4)));
}

/** Asks for the newest values, then for the histories that grew. Answers whether the run goes on. */
async function refresh() {
  const response = await fetch(`/pages/tracking/${run}/metrics`);
  if (!response.ok) return true;
  const { live, startTime, metrics } = await response.json();
  if (metrics.length > 0) {
    box.querySelector('.empty')?.remove();
    axis.hidden = false;
  }
  for (const metric of metrics) {
    let plot = plots.get(metric.key);
    if (!plot) plots.set(metric.key, (plot = new Plot(metric.key)));
    await plot.load(metric, startTime);
  }
  return live;
}

async function watch() {
  for (;;) {
    const began = performance.now();
    const live = await refresh().catch(() => true);
    if (!live) return;
    const pause = Math.max(shortestPause, 10 * (performance.now() - began));
    await new Promise((resolve) => setTimeout(resolve, document.hidden ? 5 * pause : pause));
  }
}

const redraw = () => plots.forEach((plot) => plot.draw());
axis.addEventListener('change', redraw);
logarithmic.addEventListener('change', redraw);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
void watch();
