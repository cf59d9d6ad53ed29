"""Stands for a library that the scripts beside it import."""


class cuda:
    @staticmethod
    def is_available():
        return False

    @staticmethod
    def device_count():
        return 0


def manual_seed(seed):
    return seed


def device(name):
    return name


float32 = "float32"
