plain = "a b"
joined = "a" "b"
formatted = f"{plain}"
raw = r"\d+"
data = b"bytes"
empty = ""
number_like = "012"
print(plain, joined, formatted, raw, data, empty, number_like)
