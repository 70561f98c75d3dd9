// Trains a network with one hidden layer on handwritten digits, by stochastic gradient descent.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Mlflow } from './mlflow.mjs';
import { Network } from './network.mjs';
import { randomNumbers, shuffle } from './random.mjs';

const parameters = readParameters(process.env.HYPERPARAMETERS_PATH);
const random = randomNumbers(parameters.seed);
const { train, test } = readDigits(new URL('data/digits.csv.gz', import.meta.url));
const network = new Network([64, parameters.hidden_units, 10], random);
const mlflow = new Mlflow(process.env);

console.log(`training on ${train.length} images, testing on ${test.length}`);
await mlflow.logParameters(parameters);

for (let epoch = 1; epoch <= parameters.num_train_epochs; epoch++) {
  shuffle(train, random);
  let loss = 0;
  for (let start = 0; start < train.length; start += parameters.batch_size) {
    loss += network.step(train.slice(start, start + parameters.batch_size), parameters.learning_rate);
  }
  const metrics = { epoch, loss: loss / train.length, test_accuracy: accuracy(test) };
  const step = epoch * Math.ceil(train.length / parameters.batch_size);
  await mlflow.logMetrics(metrics, step);
  console.log(
    `epoch ${epoch}/${parameters.num_train_epochs}  loss ${metrics.loss.toFixed(4)}  ` +
      `test accuracy ${(metrics.test_accuracy * 100).toFixed(1)}%`,
  );
}
if (accuracy(test) < 0.9) throw new Error('The network has not learnt to read digits.');

function accuracy(images) {
  const right = images.filter(({ pixels, digit }) => network.predict(pixels) === digit);
  return right.length / images.length;
}

/** The flat `name: number` lines of the parameters file. */
function readParameters(path) {
  const lines = readFileSync(path, 'utf8').split('\n');
  const pairs = lines.map((line) => /^(\w+):\s*(\S+)$/.exec(line)).filter(Boolean);
  return Object.fromEntries(pairs.map(([, name, value]) => [name, Number(value)]));
}

/** Images with pixels from 0 to 1; every fifth is kept for testing. */
function readDigits(url) {
  const rows = gunzipSync(readFileSync(url)).toString('utf8').trim().split('\n');
  const images = rows.map((row) => {
    const numbers = row.split(',').map(Number);
    return { pixels: numbers.slice(0, 64).map((value) => value / 16), digit: numbers[64] };
  });
  return {
    train: images.filter((_, index) => index % 5 !== 0),
    test: images.filter((_, index) => index % 5 === 0),
  };
}
