"""The story with kr8s, which is like kubectl in Python. It has no informers, no apply and no leader election, so there are none here."""
import kr8s
from kr8s.objects import ConfigMap, Deployment, Namespace, Pod, Service

from checks import check, check_with_control, end, restart, until

api = kr8s.api()
space = Namespace({"metadata": {"generateName": "story-"}})
space.create()
namespace = space.name


def config_map(name, data=None, labels=None):
    return ConfigMap({"metadata": {"name": name, "namespace": namespace, "labels": labels or {}}, "data": data or {}})


def deployment(name, replicas=1):
    pod = {"containers": [{"name": "main", "image": "nginx"}], "terminationGracePeriodSeconds": 0}
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    return Deployment({"metadata": {"name": name, "namespace": namespace}, "spec": spec})


def refused(code, call, *words):
    try:
        call(*words)
    except kr8s.ServerError as error:
        assert error.response.status_code == code, error
        return error.response.json()
    raise AssertionError(f"expected {code}, and it went well")


@check("asks for the version, who it is, and what there is")
def _():
    assert api.version()["gitVersion"].startswith("v1.35.")
    assert api.whoami() == "kubernetes-admin"
    assert {"pods", "deployments", "endpointslices"} <= {each["name"] for each in api.api_resources()}


@check("creates, refreshes, labels, annotates and deletes")
def _():
    made = config_map("one", {"one": "1"})
    made.create()
    made.label(tier="x")
    made.annotate({"note": "y"})
    found = ConfigMap.get("one", namespace=namespace)
    assert (found.data.one, found.labels.tier, found.annotations.note) == ("1", "x", "y")
    made.remove_label("tier")
    found.refresh()
    assert "tier" not in found.labels
    found.delete()
    until("it is gone", lambda: not found.exists())


@check("lists by label and by field")
def _():
    for index in range(3):
        config_map(f"listed-{index}", labels={"set": "listed", "parity": str(index % 2)}).create()
    even = kr8s.get("configmaps", namespace=namespace, label_selector={"set": "listed", "parity": "0"})
    assert [each.name for each in even] == ["listed-0", "listed-2"]
    one = kr8s.get("configmaps", namespace=namespace, field_selector="metadata.name=listed-1")
    assert [each.name for each in one] == ["listed-1"]


@check("is told that an object exists already, is not there, or is invalid")
def _():
    assert refused(409, config_map("listed-0").create)["reason"] == "AlreadyExists"
    try:
        Service.get("nowhere", namespace=namespace)
        raise AssertionError("expected NotFoundError")
    except kr8s.NotFoundError:
        pass
    causes = refused(422, config_map("Bad").create)["details"]["causes"]
    assert [cause["field"] for cause in causes] == ["metadata.name"]


@check("patches: merge and JSON, and is told of a conflict until it has read again")
def _():
    made = config_map("patched", {"one": "1"})
    made.create()
    old = made.metadata.resourceVersion
    made.patch({"data": {"one": None, "two": "2"}})
    made.patch([{"op": "add", "path": "/data/three", "value": "3"}], type="json")
    assert made.data.to_dict() == {"two": "2", "three": "3"}
    late = {"metadata": {"resourceVersion": old}, "data": {"four": "4"}}
    assert refused(409, made.patch, late)["reason"] == "Conflict"
    late["metadata"]["resourceVersion"] = ConfigMap.get("patched", namespace=namespace).metadata.resourceVersion
    made.patch(late)
    assert made.data.four == "4"


@check("runs a pod and waits until it is ready")
def _():
    pod = Pod({"metadata": {"name": "alone", "namespace": namespace}, "spec": {"containers": [{"name": "main", "image": "nginx"}]}})
    pod.create()
    pod.wait("condition=Ready", timeout=60)
    assert pod.ready() and pod.status.phase == "Running"
    pod.delete(force=True)
    pod.wait("delete", timeout=60)


@check("scales a Deployment, and finds the pods of its Service")
def _():
    web = deployment("web")
    web.create()
    web.scale(3)
    until("all are ready", web.ready)
    service = Service({"metadata": {"name": "web", "namespace": namespace}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}})
    service.create()
    assert len(service.ready_pods()) == len(web.pods()) == 3


@check("watches what happens")
def _():
    seen = []
    for event, each in kr8s.watch("configmaps", namespace=namespace, label_selector="set=listed"):
        seen.append((event, each.name))
        if len(seen) == 3:
            each.delete()
        if event == "DELETED":
            break
    assert [event for event, _ in seen] == ["ADDED", "ADDED", "ADDED", "DELETED"]


@check("deletes in the foreground, and leaves orphans")
def _():
    def sets(name):
        return list(kr8s.get("replicasets", namespace=namespace, label_selector={"app": name}))

    for name, policy in [("foreground", "Foreground"), ("orphan", "Orphan")]:
        owner = deployment(name)
        owner.create()
        until("its ReplicaSet", lambda: sets(name))
        owner.delete(propagation_policy=policy)
        until("it is gone", lambda: not owner.exists())
    assert sets("foreground") == []
    assert [each.metadata.get("ownerReferences") for each in sets("orphan")] == [None]


@check_with_control("goes on after a restart of the server")
def _():
    restart()
    found = until("it answers", lambda: ConfigMap.get("patched", namespace=namespace))
    assert found.data.four == "4"


space.delete()
end()
