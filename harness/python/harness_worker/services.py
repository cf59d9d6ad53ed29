"""Helpers that run programs beside the examples, until they are stopped or the
spec ends."""

import os

from harness_worker.channel import call
from harness_worker.commands import command_arguments

__all__ = ["free_port", "service", "service_log", "stop_service"]


def service(name, cmd, ready=None, file=None, port=None, timeout=30, cwd=None, env=None):
    """Starts a shell command in the background, and waits until it is ready: until
    a pattern is found in a line of its output, a file exists, a TCP port of this
    machine can be connected to, or all that is given of these."""
    call(
        "service_start",
        service=name,
        pattern=ready,
        file=None if file is None else os.fsencode(os.path.abspath(file)).decode("latin-1"),
        port=port,
        **command_arguments(cmd, timeout, cwd, env),
    )


def service_log(name):
    """What a service has written so far."""
    return call("service_log", service=name)


def stop_service(name):
    """Stops a service, with the processes it started."""
    call("service_stop", service=name)


def free_port():
    """A TCP port of this machine that nothing listens on."""
    from socket import socket

    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
