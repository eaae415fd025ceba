"""Checks that print their line, waits with a deadline, and the control of whoever runs the story."""
import os
import sys
import time
import traceback
import urllib.request

failures = []
control = os.environ.get("KUBEDOUBLE_CONTROL")


def check(sentence):
    """Runs the function below it at once, as one check."""

    def run(body):
        try:
            body()
            print(f"ok {sentence}", flush=True)
        except Exception:
            failures.append(sentence)
            why = traceback.format_exc().strip().replace("\n", "\n    ")
            print(f"not ok {sentence}: {why}", flush=True)

    return run


def check_with_control(sentence):
    """A check that needs the server to be restarted: left out where nobody can do that."""
    if control:
        return check(sentence)
    print(f"left out without KUBEDOUBLE_CONTROL: {sentence}")
    return lambda body: None


def restart(expire=False):
    request = urllib.request.Request(f"{control}/restart{'?expire' if expire else ''}", method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()


def until(what, look, seconds=60):
    """Looks again and again until there is something."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def end():
    sys.exit(1 if failures else 0)
