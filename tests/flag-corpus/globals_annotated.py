lr: float = 0.1
steps: int = 10
later: int
name: str = "x"
print(lr, steps, name)
