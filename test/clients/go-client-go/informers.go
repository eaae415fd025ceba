// Shared informers: the state and its changes in a cache, brought by a watch or by a list first.
package main

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"example.com/kubedouble-clients/check"
	core "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/dynamic/dynamicinformer"
	clientfeatures "k8s.io/client-go/features"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"
)

func (s *story) inform() {
	defaults := clientfeatures.FeatureGates()
	defer clientfeatures.ReplaceFeatureGates(defaults)
	for _, isWatchList := range []bool{true, false} {
		clientfeatures.ReplaceFeatureGates(gates{defaults, isWatchList})
		way := map[bool]string{true: "with WatchList", false: "with a list first"}[isWatchList]
		s.informOf(way, isWatchList)
	}
}

// gates are client-go's own, but for one.
type gates struct {
	clientfeatures.Gates
	isWatchList bool
}

func (g gates) Enabled(key clientfeatures.Feature) bool {
	if key == clientfeatures.WatchListClient {
		return g.isWatchList
	}
	return g.Gates.Enabled(key)
}

func (s *story) informOf(way string, isWatchList bool) {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	s.Check("an informer "+way+" fills its cache that way", func(ctx context.Context) error {
		mark := s.traffic.mark()
		factory := informers.NewSharedInformerFactoryWithOptions(s.client, 0, informers.WithNamespace(s.namespace))
		lister := factory.Core().V1().ConfigMaps().Lister()
		end, err := start(ctx, factory)
		if err != nil {
			return err
		}
		defer end()
		cached, err := lister.ConfigMaps(s.namespace).List(labels.SelectorFromSet(labels.Set{"book": "one"}))
		if err != nil {
			return err
		}
		first := s.traffic.since(mark, "/configmaps")[0]
		if first.query.Has("sendInitialEvents") != isWatchList || first.query.Has("watch") != isWatchList {
			return fmt.Errorf("it began with %v", first.query)
		}
		return check.Equal("the count in the cache", len(cached), 11)
	})
	s.Check("an informer "+way+" tells its handlers what is added, changed and deleted", func(ctx context.Context) error {
		notes := &notebook{}
		tweak := informers.WithTweakListOptions(func(options *meta.ListOptions) { options.LabelSelector = "noted" })
		factory := informers.NewSharedInformerFactoryWithOptions(s.client, 0, informers.WithNamespace(s.namespace), tweak)
		if _, err := factory.Core().V1().ConfigMaps().Informer().AddEventHandler(notes.handler()); err != nil {
			return err
		}
		end, err := start(ctx, factory)
		if err != nil {
			return err
		}
		defer end()
		if _, err := configMaps.Create(ctx, labelledConfigMap("unnoted", nil), meta.CreateOptions{}); err != nil {
			return err
		}
		if _, err := s.liveAndDie(ctx, "noted"); err != nil {
			return err
		}
		if err := configMaps.Delete(ctx, "unnoted", meta.DeleteOptions{}); err != nil {
			return err
		}
		return notes.eventually(ctx, "add noted", "update noted", "delete noted")
	})
	s.Check("an informer "+way+" keeps an index of its own", func(ctx context.Context) error {
		factory := informers.NewSharedInformerFactoryWithOptions(s.client, 0, informers.WithNamespace(s.namespace))
		informer := factory.Core().V1().ConfigMaps().Informer()
		byParity := cache.IndexFunc(func(object any) ([]string, error) { return []string{object.(*core.ConfigMap).Labels["parity"]}, nil })
		if err := informer.AddIndexers(cache.Indexers{"parity": byParity}); err != nil {
			return err
		}
		end, err := start(ctx, factory)
		if err != nil {
			return err
		}
		defer end()
		odd, err := informer.GetIndexer().ByIndex("parity", "odd")
		if err != nil {
			return err
		}
		return check.Equal("the count", len(odd), 5)
	})
	s.Check("informers "+way+" of several kinds see a Service get its endpoints", func(ctx context.Context) error {
		factory := informers.NewSharedInformerFactoryWithOptions(s.client, 0, informers.WithNamespace(s.namespace))
		services, pods, endpointSlices := factory.Core().V1().Services().Lister(), factory.Core().V1().Pods().Lister(), factory.Discovery().V1().EndpointSlices().Lister()
		end, err := start(ctx, factory)
		if err != nil {
			return err
		}
		defer end()
		return check.Eventually(ctx, func() error {
			if _, err := services.Services(s.namespace).Get("web"); err != nil {
				return err
			}
			running, err := pods.Pods(s.namespace).List(labels.SelectorFromSet(labels.Set{"app": "web"}))
			if err != nil {
				return err
			}
			found, err := endpointSlices.EndpointSlices(s.namespace).List(labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: "web"}))
			if err != nil {
				return err
			}
			return check.That(len(running) == 4 && len(found) == 1 && len(found[0].Endpoints) == 4, "there are %d pods and %d slices", len(running), len(found))
		})
	})
	s.Check("a dynamic informer "+way, func(ctx context.Context) error {
		factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(s.dynamic, 0, s.namespace, nil)
		informer := factory.ForResource(core.SchemeGroupVersion.WithResource("configmaps"))
		notes := &notebook{}
		if _, err := informer.Informer().AddEventHandler(notes.handler()); err != nil {
			return err
		}
		factory.Start(ctx.Done())
		factory.WaitForCacheSync(ctx.Done())
		if _, err := s.liveAndDie(ctx, "dynamically"); err != nil {
			return err
		}
		object, err := informer.Lister().ByNamespace(s.namespace).Get("page-03")
		if err != nil {
			return err
		}
		if kind := object.(*unstructured.Unstructured).GetKind(); kind != "ConfigMap" {
			return fmt.Errorf("the kind is %s", kind)
		}
		return notes.eventually(ctx, "add page-03", "add dynamically", "update dynamically", "delete dynamically")
	})
	s.Check("a metadata informer "+way, func(ctx context.Context) error {
		factory := metadatainformer.NewFilteredSharedInformerFactory(s.metadata, 0, s.namespace, nil)
		informer := factory.ForResource(core.SchemeGroupVersion.WithResource("configmaps"))
		notes := &notebook{}
		if _, err := informer.Informer().AddEventHandler(notes.handler()); err != nil {
			return err
		}
		factory.Start(ctx.Done())
		factory.WaitForCacheSync(ctx.Done())
		if _, err := s.liveAndDie(ctx, "partially"); err != nil {
			return err
		}
		if _, err := informer.Lister().ByNamespace(s.namespace).Get("page-03"); err != nil {
			return err
		}
		return notes.eventually(ctx, "add page-03", "add partially", "update partially", "delete partially")
	})
}

// start fills the caches; what it returns ends the informers.
func start(ctx context.Context, factory informers.SharedInformerFactory) (func(), error) {
	ctx, cancel := context.WithCancel(ctx)
	end := func() {
		cancel()
		factory.Shutdown()
	}
	factory.Start(ctx.Done())
	for kind, isSynced := range factory.WaitForCacheSync(ctx.Done()) {
		if !isSynced {
			end()
			return nil, fmt.Errorf("the cache of %v is not filled", kind)
		}
	}
	return end, nil
}

// notebook is what a handler was told.
type notebook struct {
	mutex sync.Mutex
	notes []string
}

func (n *notebook) handler() cache.ResourceEventHandlerFuncs {
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { n.note("add", object) },
		UpdateFunc: func(_, object any) { n.note("update", object) },
		DeleteFunc: func(object any) { n.note("delete", object) },
	}
}

func (n *notebook) note(verb string, object any) {
	// Knows what was deleted while nobody listened, too.
	name, err := cache.DeletionHandlingObjectToName(object)
	if err != nil {
		verb = "misunderstand"
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.notes = append(n.notes, verb+" "+name.Name)
}

// eventually waits until the notes hold these, in this order.
func (n *notebook) eventually(ctx context.Context, wanted ...string) error {
	return check.Eventually(ctx, func() error {
		n.mutex.Lock()
		defer n.mutex.Unlock()
		rest := n.notes
		for _, note := range wanted {
			at := slices.Index(rest, note)
			if at < 0 {
				return fmt.Errorf("%q is missing in %v", note, n.notes)
			}
			rest = rest[at+1:]
		}
		return nil
	})
}
