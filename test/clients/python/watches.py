"""Watches and informers: resumed, told that they are too late, through a restart of the server."""
import logging

from kubernetes.client.exceptions import ApiException
from kubernetes.informer import DELETED, SharedInformer
from kubernetes.watch import Watch

from checks import check, check_with_control, restart, until
from cluster import core, make_config_map, make_pod, merge_patch, namespace

# The informer logs each connection that it loses, and goes on.
logging.disable(logging.CRITICAL)


def version_now():
    return core.list_namespaced_config_map(namespace, limit=1).metadata.resource_version


def events_from(version, count):
    watch, seen = Watch(), []
    for event in watch.stream(core.list_namespaced_config_map, namespace, resource_version=version, timeout_seconds=20):
        seen.append((event["type"], event["object"].metadata.name, event["object"].metadata.resource_version))
        if len(seen) == count:
            watch.stop()
    return seen


@check("watches from a version on, and resumes where it ended")
def _():
    before = version_now()
    make_config_map("watched")
    core.patch_namespaced_config_map("watched", namespace, {"data": {"one": "1"}}, _content_type=merge_patch)
    [first] = events_from(before, 1)
    assert first[:2] == ("ADDED", "watched")
    core.delete_namespaced_config_map("watched", namespace)
    assert [event[:2] for event in events_from(first[2], 2)] == [("MODIFIED", "watched"), ("DELETED", "watched")]


@check("watches a pod come to life")
def _():
    make_pod("alive")
    watch, phases = Watch(), []
    for event in watch.stream(core.list_namespaced_pod, namespace, field_selector="metadata.name=alive", timeout_seconds=20):
        phases.append(event["object"].status.phase)
        if phases[-1] == "Running":
            watch.stop()
    assert phases[-1] == "Running", phases


informer = SharedInformer(core.list_namespaced_config_map, namespace=namespace, label_selector="set=informed")
gone = []
informer.add_event_handler(DELETED, lambda each: gone.append(each.metadata.name))
make_config_map("kept", labels={"set": "informed"})
informer.start()


def held():
    return sorted(each.metadata.name for each in informer.cache.list())


@check("keeps an informer up to date")
def _():
    until("it holds what there was", lambda: held() == ["kept"])
    make_config_map("passing", labels={"set": "informed"})
    until("it holds what was made", lambda: held() == ["kept", "passing"])
    # A label that goes takes the object out of what is watched.
    core.patch_namespaced_config_map("passing", namespace, {"metadata": {"labels": {"set": None}}}, _content_type=merge_patch)
    until("one is left", lambda: held() == ["kept"])
    assert gone == ["passing"]


@check_with_control("keeps an informer through a restart of the server")
def _():
    restart()
    make_config_map("after-restart", labels={"set": "informed"})
    until("it holds what was made after the restart", lambda: held() == ["after-restart", "kept"])


@check_with_control("keeps an informer when the past is forgotten")
def _():
    core.delete_namespaced_config_map("kept", namespace)
    restart(expire=True)
    make_config_map("after-the-past", labels={"set": "informed"})
    until("it holds what there is now", lambda: held() == ["after-restart", "after-the-past"])
    until("it has told what went", lambda: gone == ["passing", "kept"])


informer.stop()


@check_with_control("is told that a version is too old to watch from")
def _():
    old = version_now()
    restart(expire=True)
    try:
        events_from(old, 1)
    except ApiException as error:
        assert error.status == 410 and error.reason.startswith("Expired: too old resource version"), error
    else:
        raise AssertionError("expected 410, and it went well")
