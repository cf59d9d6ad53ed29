import random

x = 0.1
noise = 0.1
loss = (x - 0.5) ** 2 + random.random() * noise
print("x: %f" % x)
print("loss: %f" % loss)
