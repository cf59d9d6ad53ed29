import os
import sys

for step in range(3):
    print("out", step, flush=True)
    print("err", step, file=sys.stderr, flush=True)
    print("step: %d" % step, flush=True)
    print("loss: %f" % (1 / (step + 1)), flush=True)
    print("größe: 1.5 日本語", flush=True)

os.makedirs("sub/deep")
with open("sub/deep/made.txt", "w") as file:
    file.write("made\n")
with open("made.bin", "wb") as file:
    file.write(bytes(range(256)))
