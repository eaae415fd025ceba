"""Leader election through a Lease: one leads, and when it falls silent another does."""
import threading

from kubernetes import client
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock

from checks import check, until
from cluster import namespace

leading, stopped = [], []
silent = threading.Event()


class MortalLock(LeaseLock):
    """A lock of a candidate that can fall silent, as if its machine had died."""

    def update(self, name, namespace, updated_record):
        return not (silent.is_set() and self.identity == "one") and super().update(name, namespace, updated_record)


def candidate(identity):
    config = electionconfig.Config(
        MortalLock("leader", namespace, identity), lease_duration=6, renew_deadline=4, retry_period=1,
        onstarted_leading=lambda: leading.append(identity), onstopped_leading=lambda: stopped.append(identity),
    )
    threading.Thread(target=leaderelection.LeaderElection(config).run, daemon=True).start()


def lease():
    return client.CoordinationV1Api().read_namespaced_lease("leader", namespace)


@check("leads when it holds the Lease, and renews it")
def _():
    candidate("one")
    until("one leads", lambda: leading == ["one"])
    candidate("two")
    first = lease()
    assert first.spec.holder_identity == "one"
    until("the Lease is renewed", lambda: lease().spec.renew_time > first.spec.renew_time)
    assert leading == ["one"]


@check("takes over when the leader falls silent")
def _():
    silent.set()
    until("one knows that it leads no more", lambda: stopped == ["one"])
    until("two leads", lambda: leading == ["one", "two"])
    assert lease().spec.holder_identity == "two"
