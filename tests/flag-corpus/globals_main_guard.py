batch = 16
rate = -0.5


def main():
    global batch
    batch += 1
    print(batch, rate)


if __name__ == "__main__":
    seed = 3
    main()
