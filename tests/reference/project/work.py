rate = 0.1
name = "two words"
flag = True
items = 3

print("rate", rate, "name", name)
print("loss: %f" % rate)
print("acc: 0.5")
