// Watches: what they hear, where they begin, and how they go on after an end.
package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"example.com/kubedouble-clients/check"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

func (s *story) watch() {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	var begin, middle string
	s.Check("a watch hears what is added, changed and deleted, in protobuf", func(ctx context.Context) error {
		list, err := configMaps.List(ctx, meta.ListOptions{})
		if err != nil {
			return err
		}
		begin = list.ResourceVersion
		var heard []string
		exchanges, err := s.traffic.during("/configmaps", func() error {
			watching, err := configMaps.Watch(ctx, meta.ListOptions{ResourceVersion: begin, LabelSelector: "watched"})
			if err != nil {
				return err
			}
			defer watching.Stop()
			if middle, err = s.liveAndDie(ctx, "watched"); err != nil {
				return err
			}
			heard, err = hear(ctx, watching, 3)
			return err
		})
		if err != nil {
			return err
		}
		opened := slices.ContainsFunc(exchanges, func(one exchange) bool {
			return one.query.Get("watch") != "" && one.received == protobuf+";stream=watch"
		})
		return check.That(opened && fmt.Sprint(heard) == "[ADDED 1 MODIFIED 2 DELETED 2]", "it heard %v by %v", heard, exchanges)
	})
	s.Check("a watch from where another was hears the rest", func(ctx context.Context) error {
		watching, err := configMaps.Watch(ctx, meta.ListOptions{ResourceVersion: middle, LabelSelector: "watched"})
		if err != nil {
			return err
		}
		defer watching.Stop()
		heard, err := hear(ctx, watching, 1)
		if err != nil {
			return err
		}
		return check.Equal("what it heard", fmt.Sprint(heard), "[DELETED 2]")
	})
	s.Check("what no longer matches a selector is DELETED to its watch", func(ctx context.Context) error {
		made, err := configMaps.Create(ctx, labelledConfigMap("leaver", map[string]string{"here": "yes"}), meta.CreateOptions{})
		if err != nil {
			return err
		}
		watching, err := configMaps.Watch(ctx, meta.ListOptions{ResourceVersion: made.ResourceVersion, LabelSelector: "here=yes"})
		if err != nil {
			return err
		}
		defer watching.Stop()
		made.Labels["here"] = "no"
		if _, err = configMaps.Update(ctx, made, meta.UpdateOptions{}); err != nil {
			return err
		}
		heard, err := hear(ctx, watching, 1)
		if err != nil {
			return err
		}
		return check.Equal("what it heard", heard[0][:len("DELETED")], "DELETED")
	})
	s.Check("a watch brings the state first, and says with a bookmark where it ends", func(ctx context.Context) error {
		watching, err := configMaps.Watch(ctx, meta.ListOptions{
			LabelSelector: "book", AllowWatchBookmarks: true, SendInitialEvents: pointer(true), ResourceVersionMatch: meta.ResourceVersionMatchNotOlderThan,
		})
		if err != nil {
			return err
		}
		defer watching.Stop()
		heard, err := hear(ctx, watching, 12)
		if err != nil {
			return err
		}
		return check.That(heard[10][:len("ADDED")] == "ADDED" && heard[11] == "BOOKMARK true", "it heard %v", heard)
	})
	s.Check("a RetryWatcher goes on after the server has ended its watch", func(ctx context.Context) error {
		list, err := configMaps.List(ctx, meta.ListOptions{})
		if err != nil {
			return err
		}
		mark := s.traffic.mark()
		watching, err := watchtools.NewRetryWatcher(list.ResourceVersion, s.endingWatches(ctx))
		if err != nil {
			return err
		}
		defer watching.Stop()
		return s.countAlong(ctx, watching, func() bool { return len(watchesOf(s.traffic.since(mark, "/configmaps"))) >= 2 })
	})
	s.Check("a watch of one pod waits until it runs", func(ctx context.Context) error {
		if _, err := s.client.CoreV1().Pods(s.namespace).Create(ctx, pod("awaited"), meta.CreateOptions{}); err != nil {
			return err
		}
		single := cache.NewListWatchFromClient(s.client.CoreV1().RESTClient(), "pods", s.namespace, fields.OneTermEqualSelector("metadata.name", "awaited"))
		last, err := watchtools.UntilWithSync(ctx, single, &core.Pod{}, nil, func(event watch.Event) (bool, error) {
			return event.Object.(*core.Pod).Status.Phase == core.PodRunning, nil
		})
		if err != nil {
			return err
		}
		return check.That(last.Object.(*core.Pod).Status.PodIP != "", "the pod is %v", last.Object)
	})
}

// liveAndDie makes a ConfigMap, changes it and deletes it; it tells when it was changed.
func (s *story) liveAndDie(ctx context.Context, name string) (string, error) {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	object := labelledConfigMap(name, map[string]string{name: ""})
	object.Data = map[string]string{"count": "1"}
	made, err := configMaps.Create(ctx, object, meta.CreateOptions{})
	if err != nil {
		return "", err
	}
	made.Data["count"] = "2"
	changed, err := configMaps.Update(ctx, made, meta.UpdateOptions{})
	if err != nil {
		return "", err
	}
	return changed.ResourceVersion, configMaps.Delete(ctx, name, meta.DeleteOptions{})
}

// hear is the next events in short: the type, and of what.
func hear(ctx context.Context, watching watch.Interface, count int) ([]string, error) {
	var heard []string
	for len(heard) < count {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("it heard only %v", heard)
		case event, isOpen := <-watching.ResultChan():
			if !isOpen {
				return nil, fmt.Errorf("it ended after %v", heard)
			}
			object, isConfigMap := event.Object.(*core.ConfigMap)
			if !isConfigMap {
				return nil, apierrors.FromObject(event.Object)
			}
			about := object.Data["count"]
			if event.Type == watch.Bookmark {
				about = object.Annotations[meta.InitialEventsAnnotationKey]
			}
			heard = append(heard, fmt.Sprintf("%s %s", event.Type, about))
		}
	}
	return heard, nil
}

// endingWatches end after a second each.
func (s *story) endingWatches(ctx context.Context) *cache.ListWatch {
	return watchesOfConfigMaps(ctx, s.client, s.namespace, 1)
}

func watchesOfConfigMaps(ctx context.Context, client kubernetes.Interface, namespace string, seconds int64) *cache.ListWatch {
	return &cache.ListWatch{WatchFunc: func(options meta.ListOptions) (watch.Interface, error) {
		options.TimeoutSeconds = &seconds
		return client.CoreV1().ConfigMaps(namespace).Watch(ctx, options)
	}}
}

func watchesOf(exchanges []exchange) []exchange {
	return slices.DeleteFunc(exchanges, func(one exchange) bool { return one.query.Get("watch") == "" })
}

// countAlong counts in a ConfigMap until there is reason to stop, and wants each number heard once and in order.
func (s *story) countAlong(ctx context.Context, watching watch.Interface, isEnough func() bool) error {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	object, err := configMaps.Create(ctx, &core.ConfigMap{ObjectMeta: meta.ObjectMeta{GenerateName: "counted-"}, Data: map[string]string{"count": "0"}}, meta.CreateOptions{})
	if err != nil {
		return err
	}
	if _, err = hear(ctx, watching, 1); err != nil {
		return err
	}
	for count := 1; ; count++ {
		isLast := isEnough()
		object.Data["count"] = strconv.Itoa(count)
		if object, err = configMaps.Update(ctx, object, meta.UpdateOptions{}); err != nil {
			return err
		}
		heard, err := hear(ctx, watching, 1)
		if err != nil {
			return err
		}
		if wanted := fmt.Sprintf("MODIFIED %d", count); heard[0] != wanted {
			return fmt.Errorf("it heard %s, wanted %s", heard[0], wanted)
		}
		if isLast {
			return configMaps.Delete(ctx, object.Name, meta.DeleteOptions{})
		}
	}
}
