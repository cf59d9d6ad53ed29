a = 1
a = 2
b = c = "both"
d, e = 1, 2
if a == 2:
    f = 5
a += 1
print(a, b, c, d, e)
