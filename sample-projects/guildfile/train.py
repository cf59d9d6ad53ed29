"""Pretends to train: the loss depends on the flags alone."""

lr = 0.1
epochs = 3
optimizer = "sgd"

loss = 1.0
for epoch in range(1, epochs + 1):
    loss *= 1 - lr * (2 if optimizer == "adam" else 1)
    print("step: %d" % epoch)
    print("loss: %.6f" % loss)
