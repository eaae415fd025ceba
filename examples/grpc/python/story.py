"""A Service, its pods, and its endpoints as they come and go.

pip install grpcio grpcio-tools
python -m grpc_tools.protoc -I ../../../proto --python_out . --grpc_python_out . \
    $(cd ../../../proto && find k8s kubedouble -name '*.proto')
python story.py [localhost:50051]
"""
import sys

import grpc
from k8s.io.api.core.v1 import generated_pb2 as core
from kubedouble.v1 import endpoint_slices_pb2, endpoint_slices_pb2_grpc, options_pb2
from kubedouble.v1 import pods_pb2, pods_pb2_grpc, services_pb2, services_pb2_grpc

SELECTOR = {"app": "story"}


def story_service() -> core.Service:
    service = core.Service(spec=core.ServiceSpec(selector=SELECTOR, ports=[core.ServicePort(port=80)]))
    service.metadata.name = "story"
    return service


def story_pod(name: str) -> core.Pod:
    pod = core.Pod(spec=core.PodSpec(containers=[core.Container(name="main", image="nginx")]))
    pod.metadata.name = name
    pod.metadata.labels.update(SELECTOR)
    return pod


def main(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        services = services_pb2_grpc.ServicesStub(channel)
        pods = pods_pb2_grpc.PodsStub(channel)
        slices = endpoint_slices_pb2_grpc.EndpointSlicesStub(channel)

        create = services_pb2.ServicesCreateRequest(namespace="default", object=story_service())
        service = services.Create(create)
        print(f"service {service.metadata.name} of type {service.spec.type}")
        for name in ("story-1", "story-2"):
            pods.Create(pods_pb2.PodsCreateRequest(namespace="default", object=story_pod(name)))

        request = endpoint_slices_pb2.EndpointSlicesWatchRequest(
            namespace="default", label_selector="kubernetes.io/service-name=story"
        )
        has_been_two = False
        watch = slices.Watch(request)
        for event in watch:
            ready = sum(endpoint.conditions.ready for endpoint in event.object.endpoints)
            if ready == 2 and not has_been_two:
                has_been_two = True
                print("two endpoints are ready")
                patch = '{"metadata":{"labels":{"app":"other"}}}'
                pods.Patch(
                    pods_pb2.PodsPatchRequest(
                        namespace="default", name="story-2", type=options_pb2.PATCH_TYPE_MERGE, patch=patch
                    )
                )
            elif has_been_two and len(event.object.endpoints) == 1:
                watch.cancel()
                break
        print("one endpoint is left")

        try:
            services.Create(create)
        except grpc.RpcError as error:
            print(error.details())
        services.Delete(services_pb2.ServicesDeleteRequest(namespace="default", name="story"))
        for name in ("story-1", "story-2"):
            pods.Delete(pods_pb2.PodsDeleteRequest(namespace="default", name=name, grace_period_seconds=0))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "localhost:50051")
