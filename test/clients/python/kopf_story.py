"""An operator with kopf: ConfigMaps labelled `greets` get a Service, which follows them and goes with them."""
import asyncio
import logging
import threading

import kopf

from checks import check, check_with_control, end, restart, until
from cluster import core, is_gone, make_config_map, merge_patch, namespace

logging.disable(logging.CRITICAL)
registry = kopf.OperatorRegistry()
told = []


def port_of(data):
    return int(data.get("port", "80"))


@kopf.on.login(registry=registry)
def login(**words):
    return kopf.login_with_kubeconfig(**words)


@kopf.on.create("", "v1", "configmaps", labels={"greets": kopf.PRESENT}, registry=registry)
def made(name, data=None, body=None, **_):
    told.append(f"made {name}")
    ports = [{"port": port_of(body["data"])}]
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"ports": ports}}
    kopf.adopt(service, owner=body)
    core.create_namespaced_service(namespace, service)
    kopf.info(body, reason="Greeted", message="there is a Service")
    return {"port": ports[0]["port"]}


@kopf.on.update("", "v1", "configmaps", labels={"greets": kopf.PRESENT}, field="data", registry=registry)
def changed(name, new, **_):
    told.append(f"changed {name}")
    patch = {"spec": {"ports": [{"port": port_of(new)}]}}
    core.patch_namespaced_service(name, namespace, patch, _content_type=merge_patch)


@kopf.on.delete("", "v1", "configmaps", labels={"greets": kopf.PRESENT}, registry=registry)
def gone(name, **_):
    told.append(f"gone {name}")


stop = threading.Event()


def operate():
    settings = kopf.OperatorSettings()
    settings.persistence.finalizer = "example.com/greets"
    # Where a ConfigMap keeps what kopf knows of it: it has no status.
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix="greets.example.com")
    settings.watching.reconnect_backoff = 0.1
    ready = threading.Event()
    run = kopf.operator(registry=registry, settings=settings, namespaces=[namespace], standalone=True, stop_flag=stop, ready_flag=ready)
    asyncio.run(run)


operator = threading.Thread(target=operate)
operator.start()


def ports(name):
    return [port.port for port in core.read_namespaced_service(name, namespace).spec.ports]


@check("acts on what is made: an owned Service, a finalizer, an annotation, an event")
def _():
    make_config_map("hello", {"port": "8080"}, labels={"greets": "yes"})
    until("its Service", lambda: not is_gone(core.read_namespaced_service, "hello", namespace))
    assert ports("hello") == [8080]
    owner = core.read_namespaced_service("hello", namespace).metadata.owner_references[0]
    assert (owner.kind, owner.name) == ("ConfigMap", "hello")

    def is_settled():
        metadata = core.read_namespaced_config_map("hello", namespace).metadata
        return metadata.finalizers == ["example.com/greets"] and any("last-handled" in each for each in metadata.annotations or {})

    until("kopf has written down what it did", is_settled)
    selector = "involvedObject.name=hello,reason=Greeted"
    until("kopf has told of it", lambda: core.list_namespaced_event(namespace, field_selector=selector).items)


@check("acts on what changes, and leaves others alone")
def _():
    make_config_map("silent", {"port": "1"})
    core.patch_namespaced_config_map("hello", namespace, {"data": {"port": "9090"}}, _content_type=merge_patch)
    until("the Service follows", lambda: ports("hello") == [9090])
    assert is_gone(core.read_namespaced_service, "silent", namespace)
    assert told == ["made hello", "changed hello"], told


@check_with_control("goes on after a restart of the server, even when the past is forgotten")
def _():
    for count, expire in enumerate([False, True]):
        restart(expire)
        make_config_map(f"again-{count}", {"port": "80"}, labels={"greets": "yes"})
        until("its Service", lambda: not is_gone(core.read_namespaced_service, f"again-{count}", namespace))


@check("acts on what goes, and lets it go")
def _():
    core.delete_namespaced_config_map("hello", namespace)
    until("the ConfigMap is gone", lambda: is_gone(core.read_namespaced_config_map, "hello", namespace))
    assert "gone hello" in told
    until("its Service too", lambda: is_gone(core.read_namespaced_service, "hello", namespace))


stop.set()
operator.join(20)
for each in core.list_namespaced_config_map(namespace).items:
    core.patch_namespaced_config_map(each.metadata.name, namespace, {"metadata": {"finalizers": None}}, _content_type=merge_patch)
core.delete_namespace(namespace)
end()
