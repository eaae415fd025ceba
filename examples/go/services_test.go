// A test with client-go and an informer.
//
//	npm install --global kubedouble && go test
package services

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// startCluster ends the cluster with the test.
func startCluster(t *testing.T) kubernetes.Interface {
	command := exec.Command("kubedouble", "--secure-port", "0", "--insecure-port", "0", "--grpc-port", "0", "--output", "json")
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	t.Cleanup(func() {
		must(t, command.Process.Signal(syscall.SIGTERM))
		must(t, command.Wait())
	})
	var ready struct{ Kubeconfig string }
	must(t, json.NewDecoder(output).Decode(&ready)) // one line, printed once everything answers
	config, err := clientcmd.BuildConfigFromFlags("", ready.Kubeconfig)
	must(t, err)
	client, err := kubernetes.NewForConfig(config)
	must(t, err)
	return client
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnInformerHearsOfEndpoints(t *testing.T) {
	client := startCluster(t)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	heard := make(chan string, 16)
	hear := func(object any) {
		slice := object.(*discovery.EndpointSlice)
		if slice.Labels[discovery.LabelServiceName] == "web" && len(slice.Endpoints) == 1 {
			heard <- slice.Endpoints[0].Addresses[0]
		}
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	informer := factory.Discovery().V1().EndpointSlices().Informer()
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: hear, UpdateFunc: func(_, object any) { hear(object) }})
	must(t, err)
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())

	labels := map[string]string{"app": "web"}
	service := &core.Service{ObjectMeta: meta.ObjectMeta{Name: "web"}, Spec: core.ServiceSpec{Selector: labels, Ports: []core.ServicePort{{Port: 80}}}}
	_, err = client.CoreV1().Services("default").Create(ctx, service, meta.CreateOptions{})
	must(t, err)
	pod := &core.Pod{ObjectMeta: meta.ObjectMeta{Name: "web", Labels: labels}, Spec: core.PodSpec{Containers: []core.Container{{Name: "web", Image: "nginx"}}}}
	_, err = client.CoreV1().Pods("default").Create(ctx, pod, meta.CreateOptions{})
	must(t, err)

	select {
	case address := <-heard:
		t.Logf("the Service has the endpoint %s", address)
	case <-ctx.Done():
		t.Fatal("no endpoint was heard of")
	}
}
