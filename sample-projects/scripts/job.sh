#!/bin/sh
# Shows what a run passes to a program that is not Python.

echo "args: $*"
env | grep '^FLAG_' | sort || true
