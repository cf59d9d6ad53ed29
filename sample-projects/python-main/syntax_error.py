value = 1
print("never"
