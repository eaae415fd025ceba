// The story of a client, told with client-go: typed, dynamic and metadata clients, informers, leader election.
//
//	KUBECONFIG=… go run .
//	KUBECONFIG=… go run -modfile=client-go-0.32.mod -tags client_go_0_32 .
package main

import (
	"context"
	"fmt"
	"os"

	"example.com/kubedouble-clients/check"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

// story is what every chapter works with.
type story struct {
	check.Report
	config    *rest.Config // speaks protobuf
	traffic   traffic
	client    kubernetes.Interface
	dynamic   dynamic.Interface
	metadata  metadata.Interface
	namespace string
}

var chapters = []func(*story){
	(*story).discover,
	(*story).writeAndRead,
	(*story).meetErrors,
	(*story).listInPages,
	(*story).patch,
	(*story).apply,
	(*story).useSubresources,
	(*story).authenticate,
	(*story).watch,
	(*story).useWhatIsNew,
	(*story).inform,
	(*story).recordEvents,
	(*story).elect,
	(*story).remove,
	(*story).outlive,
	(*story).leave,
}

func main() {
	// What client-go tries again is no news: what fails is said by a check.
	klog.SetLogger(klog.Logger{})
	story, err := begin(context.Background())
	if err != nil {
		fmt.Printf("not ok a namespace is made for the story: %v\n", err)
		os.Exit(1)
	}
	for _, chapter := range chapters {
		chapter(story)
	}
	if story.Failed > 0 {
		os.Exit(1)
	}
}

func begin(ctx context.Context) (*story, error) {
	loaded, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	if err != nil {
		return nil, err
	}
	// The story is told as fast as it can be.
	loaded.QPS, loaded.Burst = -1, -1
	loaded.WarningHandler = rest.NoWarnings{}
	s := &story{}
	plain := s.traffic.of(loaded)
	s.config = rest.CopyConfig(plain)
	s.config.ContentType, s.config.AcceptContentTypes = protobuf, protobuf+",application/json"
	if s.client, err = kubernetes.NewForConfig(s.config); err != nil {
		return nil, err
	}
	if s.dynamic, err = dynamic.NewForConfig(plain); err != nil {
		return nil, err
	}
	if s.metadata, err = metadata.NewForConfig(plain); err != nil {
		return nil, err
	}
	made, err := s.client.CoreV1().Namespaces().Create(ctx, &core.Namespace{ObjectMeta: meta.ObjectMeta{GenerateName: "client-go-"}}, meta.CreateOptions{})
	if err != nil {
		return nil, err
	}
	s.namespace = made.Name
	return s, nil
}

// leave takes everything away again.
func (s *story) leave() {
	s.Check("a deleted namespace takes all that is in it along and goes", func(ctx context.Context) error {
		if err := s.client.CoreV1().Namespaces().Delete(ctx, s.namespace, meta.DeleteOptions{}); err != nil {
			return err
		}
		return check.Eventually(ctx, func() error {
			_, err := s.client.CoreV1().Namespaces().Get(ctx, s.namespace, meta.GetOptions{})
			return check.That(apierrors.IsNotFound(err), "the namespace is still there: %v", err)
		})
	})
}
