"""Computes in other processes, by each method that starts them.

The processes started by spawn and forkserver load this file again: they have to
find it, and see the same value of the flag.
"""

import concurrent.futures
import multiprocessing
import sys

factor = 2


class Job:
    def __init__(self, number):
        self.number = number


def work(job):
    return Job(job.number * factor), __name__, sys.argv[1:]


def nested(job):
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(work, job).result()


def main():
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            results = pool.map(work, [Job(1), Job(2)])
        print(method, [job.number for job, _, _ in results], results[0][1:])
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            job, name, args = pool.submit(nested, Job(5)).result()
        print(method, "nested", job.number, name, args)


if __name__ == "__main__":
    main()
