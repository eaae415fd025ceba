"""Objects, with the generated types: lists, conflicts, patches, apply, deletion, errors."""
import datetime

from kubernetes import client

from checks import check, until
from cluster import (
    apply_patch, apps, config_map, core, is_gone, json_patch, make_config_map, make_deployment, make_pod, merge_patch, namespace, refused,
    strategic_merge_patch,
)


@check("asks for the version")
def _():
    assert client.VersionApi().get_code().git_version.startswith("v1.35.")


@check("reads times as dates")
def _():
    node = core.list_node().items[0]
    assert node.metadata.name == "node-0"
    assert isinstance(node.metadata.creation_timestamp, datetime.datetime)


@check("creates, reads, replaces and deletes a ConfigMap")
def _():
    body = client.V1ConfigMap(metadata=client.V1ObjectMeta(generate_name="settings-"), data={"one": "1"})
    made = core.create_namespaced_config_map(namespace, body)
    name = made.metadata.name
    assert core.read_namespaced_config_map(name, namespace).data == {"one": "1"}
    made.data = {"one": "2"}
    assert core.replace_namespaced_config_map(name, namespace, made).data == {"one": "2"}
    core.delete_namespaced_config_map(name, namespace)
    assert is_gone(core.read_namespaced_config_map, name, namespace)


@check("keeps what is secret")
def _():
    body = client.V1Secret(metadata=client.V1ObjectMeta(name="secret"), string_data={"password": "secret"})
    core.create_namespaced_secret(namespace, body)
    assert core.read_namespaced_secret("secret", namespace).data == {"password": "c2VjcmV0"}


names = [f"listed-{index}" for index in range(7)]
for index, name in enumerate(names):
    make_config_map(name, labels={"set": "listed", "parity": "odd" if index % 2 else "even"})


def names_of(found):
    return [item.metadata.name for item in found.items]


@check("lists by label")
def _():
    found = core.list_namespaced_config_map(namespace, label_selector="set=listed,parity notin (odd)")
    assert names_of(found) == ["listed-0", "listed-2", "listed-4", "listed-6"]


@check("lists by field")
def _():
    assert names_of(core.list_namespaced_config_map(namespace, field_selector="metadata.name=listed-3")) == ["listed-3"]


@check("lists page by page, all of them as they were at first")
def _():
    seen, page = [], None
    while True:
        found = core.list_namespaced_config_map(namespace, label_selector="set=listed", limit=3, _continue=page)
        if page is None:
            core.delete_namespaced_config_map("listed-6", namespace)
        seen += names_of(found)
        page = found.metadata._continue
        if not page:
            break
    assert seen == names, seen


@check("is told that an object exists already")
def _():
    with refused(409, "AlreadyExists") as refusal:
        make_config_map("listed-0")
    assert refusal.value.message == 'configmaps "listed-0" already exists'


@check("is told that an object is not there")
def _():
    with refused(404, "NotFound") as refusal:
        core.read_namespaced_service("nowhere", namespace)
    assert refusal.value.details.name == "nowhere"


@check("is told which fields are invalid")
def _():
    body = client.V1Service(metadata=client.V1ObjectMeta(name="Bad"), spec=client.V1ServiceSpec())
    with refused(422, "Invalid") as refusal:
        core.create_namespaced_service(namespace, body)
    assert {"metadata.name", "spec.ports"} <= {cause.field for cause in refusal.value.details.causes}


@check("updates again after a conflict")
def _():
    old = core.read_namespaced_config_map("listed-1", namespace)
    core.patch_namespaced_config_map("listed-1", namespace, {"data": {"mine": "no"}}, _content_type=merge_patch)
    old.data = {"yours": "yes"}
    with refused(409, "Conflict"):
        core.replace_namespaced_config_map("listed-1", namespace, old)
    current = core.read_namespaced_config_map("listed-1", namespace)
    current.data["yours"] = "yes"
    assert core.replace_namespaced_config_map("listed-1", namespace, current).data == {"mine": "no", "yours": "yes"}


for what, content_type, patch, expected in [
    ("JSON", json_patch, [{"op": "add", "path": "/data/two", "value": "2"}], {"one": "1", "two": "2"}),
    ("merge", merge_patch, {"data": {"one": None, "two": "2"}}, {"two": "2"}),
    ("strategic merge", strategic_merge_patch, {"data": {"two": "2"}}, {"one": "1", "two": "2"}),
]:

    @check(f"patches: {what}")
    def _():
        name = f"patched-{what.split()[0].lower()}"
        make_config_map(name, {"one": "1"})
        assert core.patch_namespaced_config_map(name, namespace, patch, _content_type=content_type).data == expected


def apply_as(field_manager, word, force=None):
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"word": word}}
    return core.patch_namespaced_config_map(
        "applied", namespace, body, field_manager=field_manager, force=force, _content_type=apply_patch
    )


@check("applies, and is told who else holds a field")
def _():
    apply_as("one", "first")
    with refused(409, "Conflict") as refusal:
        apply_as("two", "second")
    assert [(cause.field, cause.message) for cause in refusal.value.details.causes] == [(".data.word", 'conflict with "one"')]


@check("takes a field over when it insists")
def _():
    taken = apply_as("two", "second", force=True)
    assert taken.data == {"word": "second"}
    assert [(entry.manager, entry.operation) for entry in taken.metadata.managed_fields] == [("two", "Apply")]


@check("scales a Deployment, and the endpoints of its Service follow")
def _():
    make_deployment("scaled")
    spec = client.V1ServiceSpec(selector={"app": "scaled"}, ports=[client.V1ServicePort(port=80)])
    core.create_namespaced_service(namespace, client.V1Service(metadata=client.V1ObjectMeta(name="scaled"), spec=spec))
    apps.patch_namespaced_deployment_scale("scaled", namespace, {"spec": {"replicas": 4}}, _content_type=merge_patch)
    until("four replicas are ready", lambda: apps.read_namespaced_deployment_status("scaled", namespace).status.ready_replicas == 4)
    slices = client.DiscoveryV1Api()

    def ready():
        items = slices.list_namespaced_endpoint_slice(namespace, label_selector="kubernetes.io/service-name=scaled").items
        return [endpoint for item in items for endpoint in item.endpoints or [] if endpoint.conditions.ready]

    until("four endpoints are ready", lambda: len(ready()) == 4)


def owners(name):
    sets = apps.list_namespaced_replica_set(namespace, label_selector=f"app={name}").items
    return [[owner.name for owner in each.metadata.owner_references or []] for each in sets]


def begin(name):
    make_deployment(name)
    until("its ReplicaSet", lambda: owners(name) == [[name]])


@check("deletes in the background: what is owned goes afterwards")
def _():
    begin("background")
    apps.delete_namespaced_deployment("background", namespace, propagation_policy="Background")
    assert is_gone(apps.read_namespaced_deployment, "background", namespace)
    until("its ReplicaSet is gone", lambda: owners("background") == [])


@check("deletes in the foreground: what is owned goes first")
def _():
    begin("foreground")
    apps.delete_namespaced_deployment("foreground", namespace, body=client.V1DeleteOptions(propagation_policy="Foreground"))
    until("the Deployment is gone", lambda: is_gone(apps.read_namespaced_deployment, "foreground", namespace))
    assert owners("foreground") == []


@check("deletes and leaves orphans")
def _():
    begin("orphan")
    apps.delete_namespaced_deployment("orphan", namespace, propagation_policy="Orphan")
    until("the Deployment is gone", lambda: is_gone(apps.read_namespaced_deployment, "orphan", namespace))
    assert owners("orphan") == [[]]


@check("evicts a pod")
def _():
    make_pod("evicted")
    eviction = client.V1Eviction(metadata=client.V1ObjectMeta(name="evicted"))
    core.create_namespaced_pod_eviction("evicted", namespace, eviction)
    until("the pod is gone", lambda: is_gone(core.read_namespaced_pod, "evicted", namespace))


@check("deletes a collection by label")
def _():
    core.delete_collection_namespaced_config_map(namespace, label_selector="set=listed,parity=even")
    assert names_of(core.list_namespaced_config_map(namespace, label_selector="set=listed")) == ["listed-1", "listed-3", "listed-5"]
