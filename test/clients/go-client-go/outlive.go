// What clients live through: a server that starts again, a line that is cut, a past that is forgotten.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"example.com/kubedouble-clients/check"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	clientfeatures "k8s.io/client-go/features"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	watchtools "k8s.io/client-go/tools/watch"
)

func (s *story) outlive() {
	control := os.Getenv("KUBEDOUBLE_CONTROL")
	if control == "" {
		fmt.Println("# left out, because KUBEDOUBLE_CONTROL is not set: what clients live through when a server starts again")
		return
	}
	defaults := clientfeatures.FeatureGates()
	defer clientfeatures.ReplaceFeatureGates(defaults)
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)

	s.Check("a RetryWatcher goes on after the server has started again", func(ctx context.Context) error {
		list, err := configMaps.List(ctx, meta.ListOptions{})
		if err != nil {
			return err
		}
		watching, err := watchtools.NewRetryWatcher(list.ResourceVersion, watchesOfConfigMaps(ctx, s.client, s.namespace, 3600))
		if err != nil {
			return err
		}
		defer watching.Stop()
		if err = s.countAlong(ctx, watching, func() bool { return true }); err != nil {
			return err
		}
		if err = restart(ctx, control+"/restart"); err != nil {
			return err
		}
		// What it hears of the end of the first.
		if _, err = hear(ctx, watching, 1); err != nil {
			return err
		}
		return s.countAlong(ctx, watching, func() bool { return true })
	})
	s.Check("a leader stays the leader while the server starts again", func(ctx context.Context) error {
		// Longer than a server takes to start on a busy machine.
		leader := &candidate{name: "steady", patience: 30 * time.Second}
		if err := leader.run(ctx, s, "steady"); err != nil {
			return err
		}
		defer leader.resign()
		if err := s.eventuallyHeld(ctx, "steady", "steady", 0); err != nil {
			return err
		}
		if err := restart(ctx, control+"/restart"); err != nil {
			return err
		}
		before, err := s.client.CoordinationV1().Leases(s.namespace).Get(ctx, "steady", meta.GetOptions{})
		if err != nil {
			return err
		}
		return check.Eventually(ctx, func() error {
			after, err := s.client.CoordinationV1().Leases(s.namespace).Get(ctx, "steady", meta.GetOptions{})
			if err != nil {
				return err
			}
			return check.That(after.Spec.RenewTime.After(before.Spec.RenewTime.Time) && *after.Spec.LeaseTransitions == 0 && leader.elector.IsLeader(), "the lease is %v", after.Spec)
		})
	})
	for _, isWatchList := range []bool{true, false} {
		clientfeatures.ReplaceFeatureGates(gates{defaults, isWatchList})
		way := map[bool]string{true: "with WatchList", false: "with a list first"}[isWatchList]
		s.Check("an informer "+way+" goes on after the server has started again", func(ctx context.Context) error {
			return s.withInformer(ctx, &line{}, func(mark int, notes *notebook) error {
				// A watch that ends at once and has heard nothing is not resumed: client-go takes the state again.
				if _, err := s.liveAndDie(ctx, "noted"); err != nil {
					return err
				}
				if err := notes.eventually(ctx, "add kept", "delete noted"); err != nil {
					return err
				}
				if err := restart(ctx, control+"/restart"); err != nil {
					return err
				}
				if _, err := s.liveAndDie(ctx, "noted"); err != nil {
					return err
				}
				if err := notes.eventually(ctx, "delete noted", "add noted", "update noted", "delete noted"); err != nil {
					return err
				}
				began := slices.DeleteFunc(s.traffic.since(mark, "/configmaps"), func(one exchange) bool { return !bringsTheState(one) })
				return check.That(len(began) == 1, "it took the whole state again: %v", began)
			})
		})
	}
	s.Check("informers take the state again when the past is forgotten, with WatchList and with a list first", func(ctx context.Context) error {
		cable := &line{}
		clientfeatures.ReplaceFeatureGates(gates{defaults, true})
		return s.withInformer(ctx, cable, func(_ int, notes *notebook) error {
			clientfeatures.ReplaceFeatureGates(gates{defaults, false})
			return s.withInformer(ctx, cable, func(_ int, others *notebook) error {
				return s.missWhatIsForgotten(ctx, control, cable, notes, others)
			})
		})
	})
	var page, revision string
	s.Check("a watch from a forgotten past is Expired", func(ctx context.Context) error {
		list, err := configMaps.List(ctx, meta.ListOptions{Limit: 2})
		if err != nil {
			return err
		}
		page, revision = list.Continue, list.ResourceVersion
		if _, err = s.liveAndDie(ctx, "forgotten"); err != nil {
			return err
		}
		if err = restart(ctx, control+"/restart?expire"); err != nil {
			return err
		}
		watching, err := configMaps.Watch(ctx, meta.ListOptions{ResourceVersion: revision})
		if err != nil {
			return check.That(apierrors.IsResourceExpired(err), "the answer was %v", err)
		}
		defer watching.Stop()
		_, err = hear(ctx, watching, 1)
		return check.That(apierrors.IsResourceExpired(err), "it heard %v", err)
	})
	s.Check("a page of a forgotten list is Expired, and says how to go on", func(ctx context.Context) error {
		_, err := configMaps.List(ctx, meta.ListOptions{Limit: 2, Continue: page})
		if !apierrors.IsResourceExpired(err) {
			return fmt.Errorf("the answer was %v", err)
		}
		list, err := configMaps.List(ctx, meta.ListOptions{Limit: 2, Continue: statusOf(err).Continue})
		if err != nil {
			return err
		}
		return check.That(len(list.Items) == 2 && list.ResourceVersion != revision, "the page has %d of %s", len(list.Items), list.ResourceVersion)
	})
}

// withInformer runs an informer of what is labelled noted over a line, while something happens. One ConfigMap is there before.
func (s *story) withInformer(ctx context.Context, over *line, happens func(mark int, notes *notebook) error) error {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	kept := labelledConfigMap("kept", map[string]string{"noted": ""})
	defer configMaps.DeleteCollection(ctx, meta.DeleteOptions{}, meta.ListOptions{LabelSelector: "noted"})
	if _, err := configMaps.Create(ctx, kept, meta.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	client, err := kubernetes.NewForConfig(over.of(s.config))
	if err != nil {
		return err
	}
	mark, notes := s.traffic.mark(), &notebook{}
	tweak := informers.WithTweakListOptions(func(options *meta.ListOptions) { options.LabelSelector = "noted" })
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(s.namespace), tweak)
	if _, err = factory.Core().V1().ConfigMaps().Informer().AddEventHandler(notes.handler()); err != nil {
		return err
	}
	end, err := start(ctx, factory)
	if err != nil {
		return err
	}
	defer end()
	if err = happens(mark, notes); err != nil {
		return err
	}
	return check.Eventually(ctx, func() error {
		cached, err := factory.Core().V1().ConfigMaps().Lister().List(labels.Everything())
		if err != nil {
			return err
		}
		listed, err := configMaps.List(ctx, meta.ListOptions{LabelSelector: "noted"})
		if err != nil {
			return err
		}
		return check.Equal("the count in the cache", len(cached), len(listed.Items))
	})
}

// missWhatIsForgotten changes things while nobody can hear, and until nobody can be told any more.
func (s *story) missWhatIsForgotten(ctx context.Context, control string, cable *line, listeners ...*notebook) error {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	for _, notes := range listeners {
		if err := notes.eventually(ctx, "add kept"); err != nil {
			return err
		}
	}
	cable.cut()
	if err := configMaps.Delete(ctx, "kept", meta.DeleteOptions{}); err != nil {
		return err
	}
	if _, err := configMaps.Create(ctx, labelledConfigMap("late", map[string]string{"noted": ""}), meta.CreateOptions{}); err != nil {
		return err
	}
	if err := restart(ctx, control+"/restart?expire"); err != nil {
		return err
	}
	cable.mend()
	for _, notes := range listeners {
		if err := errors.Join(notes.eventually(ctx, "delete kept"), notes.eventually(ctx, "add late")); err != nil {
			return err
		}
	}
	return nil
}

func bringsTheState(one exchange) bool {
	return one.method == http.MethodGet && (one.query.Get("watch") == "" || one.query.Has("sendInitialEvents"))
}

func restart(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	return check.That(answer.StatusCode == http.StatusOK, "the control said %s: %s", answer.Status, text)
}
