// The story of an operator, told with controller-runtime: manager, cache, builder, owned objects, client, leader election.
//
//	KUBECONFIG=… go run .
package main

import (
	"context"
	"fmt"
	"os"

	"example.com/kubedouble-clients/check"
	"github.com/go-logr/logr"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/config"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// story is what every chapter works with.
type story struct {
	check.Report
	config    *rest.Config
	client    client.WithWatch // reads from the server
	namespace string
}

var chapters = []func(*story){
	(*story).useTheClient,
	(*story).useSubresources,
	(*story).readFromCaches,
	(*story).reconcile,
	(*story).elect,
	(*story).outlive,
	(*story).leave,
}

func main() {
	// What is tried again is no news: what fails is said by a check.
	log.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
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
	loaded, err := config.GetConfig()
	if err != nil {
		return nil, err
	}
	// The story is told as fast as it can be.
	loaded.QPS, loaded.Burst = -1, -1
	loaded.WarningHandler = rest.NoWarnings{}
	s := &story{config: loaded}
	if s.client, err = client.NewWithWatch(loaded, client.Options{}); err != nil {
		return nil, err
	}
	namespace := &core.Namespace{ObjectMeta: meta.ObjectMeta{GenerateName: "controller-runtime-"}}
	if err = s.client.Create(ctx, namespace); err != nil {
		return nil, err
	}
	s.namespace = namespace.Name
	return s, nil
}

// leave takes everything away again.
func (s *story) leave() {
	s.Check("a deleted namespace takes all that is in it along and goes", func(ctx context.Context) error {
		namespace := &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: s.namespace}}
		if err := s.client.Delete(ctx, namespace); err != nil {
			return err
		}
		return check.Eventually(ctx, func() error {
			err := s.client.Get(ctx, client.ObjectKeyFromObject(namespace), namespace)
			return check.That(apierrors.IsNotFound(err), "the namespace is still there: %v", err)
		})
	})
}

func (s *story) key(name string) client.ObjectKey {
	return client.ObjectKey{Namespace: s.namespace, Name: name}
}

func (s *story) named(name string) meta.ObjectMeta {
	return meta.ObjectMeta{Namespace: s.namespace, Name: name}
}

func (s *story) configMap(name string, labels, data map[string]string) *core.ConfigMap {
	object := &core.ConfigMap{ObjectMeta: s.named(name), Data: data}
	object.Labels = labels
	return object
}

func pointer[T any](value T) *T { return &value }
