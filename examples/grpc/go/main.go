// A Service, its pods, and its endpoints as they come and go.
//
//	go install google.golang.org/protobuf/cmd/protoc-gen-go google.golang.org/grpc/cmd/protoc-gen-go-grpc
//	protoc -I ../../../proto --go_out . --go_opt module=kubedouble --go-grpc_out . --go-grpc_opt module=kubedouble \
//		$(cd ../../../proto && find k8s kubedouble -name '*.proto')
//	go run . [localhost:50051]
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	core "kubedouble/proto/k8s/io/api/core/v1"
	meta "kubedouble/proto/k8s/io/apimachinery/pkg/apis/meta/v1"
	kubedouble "kubedouble/proto/kubedouble/v1"
)

const namespace = "default"

var selector = map[string]string{"app": "story"}

func main() {
	address := "localhost:50051"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	if err := tell(context.Background(), connection); err != nil {
		log.Fatal(err)
	}
}

func tell(ctx context.Context, connection *grpc.ClientConn) error {
	services := kubedouble.NewServicesClient(connection)
	pods := kubedouble.NewPodsClient(connection)
	create := &kubedouble.ServicesCreateRequest{Namespace: namespace, Object: &core.Service{
		Metadata: &meta.ObjectMeta{Name: "story"},
		Spec:     &core.ServiceSpec{Selector: selector, Ports: []*core.ServicePort{{Port: 80}}},
	}}
	service, err := services.Create(ctx, create)
	if err != nil {
		return err
	}
	fmt.Printf("service %s of type %s\n", service.Metadata.Name, service.Spec.Type)
	for _, name := range []string{"story-1", "story-2"} {
		pod := &core.Pod{
			Metadata: &meta.ObjectMeta{Name: name, Labels: selector},
			Spec:     &core.PodSpec{Containers: []*core.Container{{Name: "main", Image: "nginx"}}},
		}
		if _, err := pods.Create(ctx, &kubedouble.PodsCreateRequest{Namespace: namespace, Object: pod}); err != nil {
			return err
		}
	}
	if err := watchEndpoints(ctx, connection, pods); err != nil {
		return err
	}
	_, err = services.Create(ctx, create)
	fmt.Println(status.Convert(err).Message())
	if _, err := services.Delete(ctx, &kubedouble.ServicesDeleteRequest{Namespace: namespace, Name: "story"}); err != nil {
		return err
	}
	for _, name := range []string{"story-1", "story-2"} {
		request := &kubedouble.PodsDeleteRequest{Namespace: namespace, Name: name, GracePeriodSeconds: proto.Int64(0)}
		if _, err := pods.Delete(ctx, request); err != nil {
			return err
		}
	}
	return nil
}

func watchEndpoints(ctx context.Context, connection *grpc.ClientConn, pods kubedouble.PodsClient) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	request := &kubedouble.EndpointSlicesWatchRequest{Namespace: namespace, LabelSelector: "kubernetes.io/service-name=story"}
	watch, err := kubedouble.NewEndpointSlicesClient(connection).Watch(ctx, request)
	if err != nil {
		return err
	}
	hasBeenTwo := false
	for {
		event, err := watch.Recv()
		if err != nil {
			return err
		}
		ready := 0
		for _, endpoint := range event.Object.Endpoints {
			if endpoint.Conditions.GetReady() {
				ready++
			}
		}
		if ready == 2 && !hasBeenTwo {
			hasBeenTwo = true
			fmt.Println("two endpoints are ready")
			patch := &kubedouble.PodsPatchRequest{Namespace: namespace, Name: "story-2", Type: kubedouble.PatchType_PATCH_TYPE_MERGE, Patch: `{"metadata":{"labels":{"app":"other"}}}`}
			if _, err := pods.Patch(ctx, patch); err != nil {
				return err
			}
		} else if hasBeenTwo && len(event.Object.Endpoints) == 1 {
			fmt.Println("one endpoint is left")
			return nil
		}
	}
}
