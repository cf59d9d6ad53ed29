"""Trains a small neural network to tell malignant from benign tumours.

Plain Python, no packages: one hidden layer, trained by stochastic gradient
descent on the data in `breast_cancer.csv`. One row in five is kept for testing.
"""

import csv
import math
import os
import random

learning_rate = 0.1
epochs = 20
hidden = 8
seed = 1


def main():
    generator = random.Random(seed)
    train_rows, test_rows = load_data(generator)
    model = Model(len(train_rows[0][0]), hidden, generator)
    for epoch in range(1, epochs + 1):
        generator.shuffle(train_rows)
        losses = [model.learn(inputs, label) for inputs, label in train_rows]
        print("step: %d" % epoch)
        print("loss: %.4f" % (sum(losses) / len(losses)))
        print("accuracy: %.4f" % model.accuracy(train_rows))
        print("test_accuracy: %.4f" % model.accuracy(test_rows), flush=True)


def load_data(generator):
    """Rows to train with and rows to test with, as (inputs, label) pairs."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "breast_cancer.csv")
    with open(path, newline="") as f:
        rows = list(csv.reader(f))[1:]
    labels = [1.0 if row[0] == "malignant" else 0.0 for row in rows]
    columns = [standardized(column) for column in list(zip(*rows))[1:]]
    pairs = list(zip(zip(*columns), labels))
    generator.shuffle(pairs)
    kept = len(pairs) // 5
    return pairs[kept:], pairs[:kept]


def standardized(column):
    """The numbers of a column, with mean 0 and standard deviation 1."""
    numbers = [float(text) for text in column]
    mean = sum(numbers) / len(numbers)
    deviation = math.sqrt(sum((n - mean) ** 2 for n in numbers) / len(numbers))
    return [(n - mean) / deviation for n in numbers]


class Model:
    """Inputs, a layer of tanh units, and one logistic output."""

    def __init__(self, input_count, hidden_count, generator):
        scale = 1 / math.sqrt(input_count)
        self.hidden_weights = [
            [generator.gauss(0, scale) for _ in range(input_count)]
            for _ in range(hidden_count)
        ]
        self.hidden_biases = [0.0] * hidden_count
        self.output_weights = [generator.gauss(0, 0.5) for _ in range(hidden_count)]
        self.output_bias = 0.0

    def predict(self, inputs):
        """What the hidden units say, and the probability of a malignant tumour."""
        units = [
            math.tanh(bias + sum(w * x for w, x in zip(weights, inputs)))
            for weights, bias in zip(self.hidden_weights, self.hidden_biases)
        ]
        total = self.output_bias + sum(
            w * unit for w, unit in zip(self.output_weights, units)
        )
        # Beyond that the exponential overflows.
        total = max(-500.0, min(500.0, total))
        return units, 1 / (1 + math.exp(-total))

    def learn(self, inputs, label):
        """Takes one step down the gradient of the loss, and returns the loss."""
        units, probability = self.predict(inputs)
        error = probability - label
        for index, unit in enumerate(units):
            slope = error * self.output_weights[index] * (1 - unit * unit)
            self.output_weights[index] -= learning_rate * error * unit
            self.hidden_biases[index] -= learning_rate * slope
            step = learning_rate * slope
            weights = self.hidden_weights[index]
            self.hidden_weights[index] = [w - step * x for w, x in zip(weights, inputs)]
        self.output_bias -= learning_rate * error
        likelihood = probability if label else 1 - probability
        return -math.log(max(likelihood, 1e-12))

    def accuracy(self, rows):
        right = sum(
            (self.predict(inputs)[1] > 0.5) == (label == 1.0) for inputs, label in rows
        )
        return right / len(rows)


if __name__ == "__main__":
    main()
