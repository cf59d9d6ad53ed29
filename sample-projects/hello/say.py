"""Says something, some number of times."""

message = "hello"
count = 1

for _ in range(count):
    print(message)
