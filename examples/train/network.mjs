/** A fully connected network: ReLU in between, softmax and cross-entropy at the end. */
export class Network {
  constructor(sizes, random) {
    this.layers = sizes.slice(1).map((outputs, index) => {
      const inputs = sizes[index];
      const scale = Math.sqrt(2 / inputs);
      return {
        weights: Array.from({ length: outputs }, () =>
          Float64Array.from({ length: inputs }, () => scale * random.normal()),
        ),
        biases: new Float64Array(outputs),
      };
    });
  }

  /** The activations of every layer, input first, class probabilities last. */
  forward(pixels) {
    const activations = [pixels];
    for (const [index, { weights, biases }] of this.layers.entries()) {
      const input = activations[index];
      const sums = weights.map((row, unit) => {
        let sum = biases[unit];
        for (let at = 0; at < row.length; at++) sum += row[at] * input[at];
        return sum;
      });
      const isLast = index === this.layers.length - 1;
      activations.push(isLast ? softmax(sums) : sums.map((sum) => Math.max(0, sum)));
    }
    return activations;
  }

  predict(pixels) {
    const probabilities = this.forward(pixels).at(-1);
    return probabilities.indexOf(Math.max(...probabilities));
  }

  /** One step of gradient descent on a batch; answers the summed loss of the batch before the step. */
  step(batch, learningRate) {
    const rate = learningRate / batch.length;
    let loss = 0;
    const gradients = batch.map(({ pixels, digit }) => {
      const activations = this.forward(pixels);
      loss -= Math.log(Math.max(activations.at(-1)[digit], 1e-12));
      return { activations, errors: this.backward(activations, digit) };
    });
    for (const { activations, errors } of gradients) {
      for (const [index, { weights, biases }] of this.layers.entries()) {
        const input = activations[index];
        for (const [unit, error] of errors[index].entries()) {
          const row = weights[unit];
          for (let at = 0; at < row.length; at++) row[at] -= rate * error * input[at];
          biases[unit] -= rate * error;
        }
      }
    }
    return loss;
  }

  /** The error of every unit of every layer for one image. */
  backward(activations, digit) {
    const errors = [activations.at(-1).map((value, unit) => value - (unit === digit ? 1 : 0))];
    for (let index = this.layers.length - 1; index > 0; index--) {
      const { weights } = this.layers[index];
      const above = errors[0];
      errors.unshift(
        activations[index].map((value, unit) =>
          value === 0 ? 0 : above.reduce((sum, error, at) => sum + error * weights[at][unit], 0),
        ),
      );
    }
    return errors;
  }
}

function softmax(sums) {
  const highest = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp(sum - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
