"""Objects without types: the dynamic client, which learns from discovery what there is."""
from kubernetes import client
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import ConflictError, NotFoundError, ResourceNotFoundError, UnprocessibleEntityError

from checks import check, until
from cluster import namespace

dynamic = DynamicClient(client.ApiClient())
config_maps = dynamic.resources.get(api_version="v1", kind="ConfigMap")
deployments = dynamic.resources.get(api_version="apps/v1", kind="Deployment")


def body_of(name, data=None):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"set": "dynamic"}}, "data": data or {}}


def refused(error, call, **words):
    try:
        call(**words)
    except error as refusal:
        return refusal
    raise AssertionError(f"expected {error.__name__}, and it went well")


@check("finds by discovery what there is, and what there is not")
def _():
    assert deployments.namespaced and "patch" in deployments.verbs
    assert dynamic.resources.get(api_version="v1", kind="Node").namespaced is False
    refused(ResourceNotFoundError, dynamic.resources.get, api_version="v1", kind="Nothing")


@check("creates, gets, replaces, lists and deletes without types")
def _():
    made = config_maps.create(body=body_of("dynamic", {"one": "1"}), namespace=namespace)
    assert config_maps.get(name="dynamic", namespace=namespace).data.one == "1"
    changed = made.to_dict()
    changed["data"]["one"] = "2"
    assert config_maps.replace(body=changed, namespace=namespace).data.one == "2"
    refused(ConflictError, config_maps.replace, body=changed, namespace=namespace)
    found = config_maps.get(namespace=namespace, label_selector="set=dynamic", limit=10)
    assert [item.metadata.name for item in found.items] == ["dynamic"]
    config_maps.delete(name="dynamic", namespace=namespace)
    refused(NotFoundError, config_maps.get, name="dynamic", namespace=namespace)


@check("patches and applies without types")
def _():
    config_maps.create(body=body_of("loose", {"one": "1"}), namespace=namespace)
    patch = {"metadata": {"name": "loose"}, "data": {"one": None, "two": "2"}}
    merged = config_maps.patch(body=patch, namespace=namespace, content_type="application/merge-patch+json")
    assert merged.to_dict()["data"] == {"two": "2"}
    apply = body_of("loose", {"two": "3"})
    refused(ConflictError, config_maps.server_side_apply, body=apply, namespace=namespace, field_manager="other")
    taken = config_maps.server_side_apply(body=apply, namespace=namespace, field_manager="other", force_conflicts=True)
    assert taken.data.two == "3"


@check("is told without types which fields are invalid")
def _():
    refusal = refused(UnprocessibleEntityError, config_maps.create, body=body_of("Bad"), namespace=namespace)
    assert "a lowercase RFC 1123 subdomain" in refusal.summary()


@check("reads and writes a status and a scale without types")
def _():
    labels = {"app": "loose"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "nginx"}], "terminationGracePeriodSeconds": 0}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}
    deployments.create(body={"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "loose"}, "spec": spec}, namespace=namespace)
    patch = {"spec": {"replicas": 2}}
    scaled = deployments.scale.patch(body=patch, name="loose", namespace=namespace, content_type="application/merge-patch+json")
    assert (scaled.kind, scaled.spec.replicas) == ("Scale", 2)
    until("both are ready", lambda: deployments.status.get(name="loose", namespace=namespace).status.readyReplicas == 2)


@check("watches without types")
def _():
    version = config_maps.get(namespace=namespace).metadata.resourceVersion
    config_maps.create(body=body_of("watched"), namespace=namespace)
    config_maps.delete(name="watched", namespace=namespace)
    seen = [(event["type"], event["object"].metadata.name) for event in config_maps.watch(namespace=namespace, resource_version=version, timeout=1)]
    assert seen == [("ADDED", "watched"), ("DELETED", "watched")], seen
