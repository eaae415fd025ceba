"""A test in Python, with nothing but pytest: start the command, read one line of JSON, go on.

    npm install --global kubedouble && pytest
"""
import json
import subprocess
import urllib.request

import pytest


@pytest.fixture(scope="session")
def cluster():
    """Where the cluster answers. It ends with the session, and nothing of it is left."""
    flags = ["--secure-port", "0", "--insecure-port", "0", "--grpc-port", "0", "--output", "json"]
    server = subprocess.Popen(["kubedouble", *flags], stdout=subprocess.PIPE, text=True)
    try:
        yield json.loads(server.stdout.readline())  # printed once everything answers
    finally:
        server.terminate()
        assert server.wait(timeout=5) == 0


def call(cluster, method, path, body=None):
    headers = {"Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(cluster["http"] + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_a_node_port_is_allocated(cluster):
    spec = {"type": "NodePort", "ports": [{"port": 80}]}
    body = {"metadata": {"name": "web"}, "spec": spec}
    service = call(cluster, "POST", "/api/v1/namespaces/default/services", body)
    assert 30000 <= service["spec"]["ports"][0]["nodePort"] <= 32767


def test_a_pod_runs(cluster):
    body = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
    call(cluster, "POST", "/api/v1/namespaces/default/pods", body)
    watch = "/api/v1/namespaces/default/pods?watch=1&timeoutSeconds=10&fieldSelector=metadata.name=web"
    with urllib.request.urlopen(cluster["http"] + watch, timeout=20) as events:
        phases = (json.loads(line)["object"]["status"]["phase"] for line in events)
        assert "Running" in phases  # reads no further than it must


def test_the_kubernetes_client_is_content(cluster):
    kubernetes = pytest.importorskip("kubernetes")
    kubernetes.config.load_kube_config(cluster["kubeconfig"])
    nodes = kubernetes.client.CoreV1Api().list_node().items
    assert [node.metadata.name for node in nodes] == ["node-0", "node-1", "node-2"]
