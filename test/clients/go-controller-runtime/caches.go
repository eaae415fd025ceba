// Caches: reads that ask no server, by indexes of one's own.
package main

import (
	"context"
	"fmt"

	"example.com/kubedouble-clients/check"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func (s *story) readFromCaches() {
	s.Check("a cache of one namespace keeps what its selector takes", func(ctx context.Context) error {
		even := labels.SelectorFromSet(labels.Set{"parity": "even"})
		return s.withCache(ctx, cache.Options{ByObject: map[client.Object]cache.ByObject{&core.ConfigMap{}: {Label: even}}}, func(cached cache.Cache) error {
			var list core.ConfigMapList
			if err := cached.List(ctx, &list); err != nil {
				return err
			}
			err := cached.Get(ctx, s.key("known"), &core.ConfigMap{})
			return check.That(len(list.Items) == 4 && apierrors.IsNotFound(err), "it has %d, and %v", len(list.Items), err)
		})
	})
	s.Check("a cache is searched by an index", func(ctx context.Context) error {
		return s.withCache(ctx, cache.Options{}, func(cached cache.Cache) error {
			byWord := func(object client.Object) []string { return []string{object.(*core.ConfigMap).Data["word"]} }
			if err := cached.IndexField(ctx, &core.ConfigMap{}, "data.word", byWord); err != nil {
				return err
			}
			var list core.ConfigMapList
			if err := cached.List(ctx, &list, client.MatchingFields{"data.word": "two"}, client.InNamespace(s.namespace)); err != nil {
				return err
			}
			names := map[string]bool{}
			for _, item := range list.Items {
				names[item.Name] = true
			}
			return check.Equal("what was found", fmt.Sprint(names), "map[applied:true wanted:true]")
		})
	})
	s.Check("caches of objects without a type and of bare metadata follow the server", func(ctx context.Context) error {
		return s.withCache(ctx, cache.Options{}, func(cached cache.Cache) error {
			kind := apps.SchemeGroupVersion.WithKind("Deployment")
			object, partial := &unstructured.Unstructured{}, &meta.PartialObjectMetadata{}
			object.SetGroupVersionKind(kind)
			partial.SetGroupVersionKind(kind)
			if err := cached.Get(ctx, s.key("stated"), object); err != nil {
				return err
			}
			if err := cached.Get(ctx, s.key("stated"), partial); err != nil {
				return err
			}
			changed := &apps.Deployment{ObjectMeta: s.named("stated")}
			if err := s.client.Patch(ctx, changed, client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"seen":"yes"}}}`))); err != nil {
				return err
			}
			return check.Eventually(ctx, func() error {
				if err := cached.Get(ctx, s.key("stated"), object); err != nil {
					return err
				}
				if err := cached.Get(ctx, s.key("stated"), partial); err != nil {
					return err
				}
				return check.That(object.GetLabels()["seen"] == "yes" && partial.Labels["seen"] == "yes", "they are %v and %v", object, partial)
			})
		})
	})
}

// withCache runs a cache of the story's namespace while something reads from it.
func (s *story) withCache(ctx context.Context, options cache.Options, read func(cached cache.Cache) error) error {
	options.DefaultNamespaces = map[string]cache.Config{s.namespace: {}}
	cached, err := cache.New(s.config, options)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- cached.Start(ctx) }()
	if err = check.That(cached.WaitForCacheSync(ctx), "it is not filled"); err == nil {
		err = read(cached)
	}
	end()
	if failed := <-ended; err == nil {
		err = failed
	}
	return err
}
