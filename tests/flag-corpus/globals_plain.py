"""Settings as variables."""

import os

learning_rate = 0.01
epochs = 5
name = "net"
shuffle = True
layers = [64, 32]
nothing = None
_private = 1
computed = epochs * 2
table = {"a": 1}
print(os.getpid() > 0, learning_rate, epochs, name, shuffle, layers, nothing, computed, table)
