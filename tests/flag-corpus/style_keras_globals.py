"""A network whose settings are variables."""

import keras

units = 64
activation = "relu"
batch_size = 128
epochs = 12
dropout = 0.25

model = keras.Sequential([keras.Dense(units, activation), keras.Dense(10)])
print(len(model), batch_size, epochs, dropout)
