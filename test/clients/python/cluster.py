"""The cluster that the kubeconfig names, the namespace of this run, and what goes into it."""
from contextlib import contextmanager

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()

namespace = core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(generate_name="story-"))).metadata.name

json_patch = "application/json-patch+json"
merge_patch = "application/merge-patch+json"
strategic_merge_patch = "application/strategic-merge-patch+json"
apply_patch = "application/apply-patch+yaml"


def config_map(name, data=None, labels=None):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)


def make_config_map(name, data=None, labels=None):
    return core.create_namespaced_config_map(namespace, config_map(name, data, labels))


def pod_spec():
    return client.V1PodSpec(containers=[client.V1Container(name="main", image="nginx")], termination_grace_period_seconds=0)


def make_pod(name, labels=None):
    return core.create_namespaced_pod(namespace, client.V1Pod(metadata=client.V1ObjectMeta(name=name, labels=labels), spec=pod_spec()))


def make_deployment(name, replicas=1):
    labels = {"app": name}
    spec = client.V1DeploymentSpec(
        replicas=replicas,
        selector=client.V1LabelSelector(match_labels=labels),
        template=client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels=labels), spec=pod_spec()),
    )
    return apps.create_namespaced_deployment(namespace, client.V1Deployment(metadata=client.V1ObjectMeta(name=name), spec=spec))


@contextmanager
def refused(status, reason):
    """What is inside must be refused so; `.value` is the Status of the refusal."""

    class Refusal:
        value = None

    refusal = Refusal()
    try:
        yield refusal
    except ApiException as error:
        refusal.value = client.ApiClient().deserialize(error.body, "V1Status", "application/json")
        assert (error.status, refusal.value.reason) == (status, reason), error.body
    else:
        raise AssertionError(f"expected {status} {reason}, and it went well")


def is_gone(read, *words):
    try:
        read(*words)
        return False
    except ApiException as error:
        if error.status != 404:
            raise
        return True
