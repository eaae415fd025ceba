// Managers run controllers: what they make, repair and clean up, and which of two is at work.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"example.com/kubedouble-clients/check"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// running is a manager at work.
type running struct {
	manager ctrl.Manager
	probes  string // address of its health probes
	cancel  context.CancelFunc
	ended   chan error
}

func (s *story) run(by string, change func(options *ctrl.Options)) (*running, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	probes := listener.Addr().String()
	if err = listener.Close(); err != nil {
		return nil, err
	}
	options := ctrl.Options{
		Cache:                  cache.Options{DefaultNamespaces: map[string]cache.Config{s.namespace: {}}},
		Metrics:                server.Options{BindAddress: "0"},
		HealthProbeBindAddress: probes,
	}
	change(&options)
	manager, err := ctrl.NewManager(s.config, options)
	if err != nil {
		return nil, err
	}
	if err = errors.Join(manager.AddHealthzCheck("ping", healthz.Ping), manager.AddReadyzCheck("ping", healthz.Ping)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err = (&greetings{by: by}).watchWith(ctx, manager); err != nil {
		cancel()
		return nil, err
	}
	r := &running{manager: manager, probes: probes, cancel: cancel, ended: make(chan error, 1)}
	go func() { r.ended <- manager.Start(ctx) }()
	return r, nil
}

// end waits until the manager has ended in order.
func (r *running) end() error {
	r.cancel()
	return <-r.ended
}

func (s *story) reconcile() {
	var one *running
	s.Check("a manager starts, fills its caches and is elected without a rival", func(ctx context.Context) (err error) {
		if one, err = s.run("one", func(*ctrl.Options) {}); err != nil {
			return err
		}
		<-one.manager.Elected()
		return check.That(one.manager.GetCache().WaitForCacheSync(ctx), "the caches are not filled")
	})
	if one == nil {
		return
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		s.Check("a manager answers "+path, func(ctx context.Context) error {
			return check.Eventually(ctx, func() error { return request(ctx, http.MethodGet, "http://"+one.probes+path) })
		})
	}
	s.Check("a controller makes what its object owns, as soon as it can", func(ctx context.Context) error {
		greeting := s.configMap("greeting", map[string]string{greetingLabel: "yes"}, map[string]string{"source": "source"})
		if err := s.client.Create(ctx, greeting); err != nil {
			return err
		}
		if err := s.client.Create(ctx, s.configMap("source", nil, map[string]string{"text": "hello"})); err != nil {
			return err
		}
		secret, err := s.eventuallyGreeted(ctx, "greeting", "hello, says one")
		if err != nil {
			return err
		}
		owner := secret.OwnerReferences[0]
		return check.That(owner.UID == greeting.UID && *owner.Controller && *owner.BlockOwnerDeletion, "the owner is %v", owner)
	})
	s.Check("it records an event that names both", func(ctx context.Context) error {
		return check.Eventually(ctx, func() error {
			var list eventsv1.EventList
			if err := s.client.List(ctx, &list, client.InNamespace(s.namespace), client.MatchingFields{"reason": "Greeted"}); err != nil {
				return err
			}
			if len(list.Items) == 0 {
				return errors.New("there is none")
			}
			event := list.Items[0]
			return check.That(event.Regarding.Name == "greeting" && event.Related != nil && event.Related.Kind == "Secret" && event.ReportingController == "greetings", "it is %v", event)
		})
	})
	s.Check("it follows what its object only names, found by an index", func(ctx context.Context) error {
		if err := s.client.Update(ctx, s.configMap("source", nil, map[string]string{"text": "good morning"})); err != nil {
			return err
		}
		_, err := s.eventuallyGreeted(ctx, "greeting", "good morning, says one")
		return err
	})
	s.Check("it repairs what somebody else has changed", func(ctx context.Context) error {
		secret := &core.Secret{ObjectMeta: s.named("greeting")}
		if err := s.client.Patch(ctx, secret, client.RawPatch("application/merge-patch+json", []byte(`{"data":{"text":"","more":""}}`))); err != nil {
			return err
		}
		_, err := s.eventuallyGreeted(ctx, "greeting", "good morning, says one")
		return err
	})
	s.Check("it makes again what somebody else has deleted", func(ctx context.Context) error {
		secret := &core.Secret{}
		if err := s.client.Get(ctx, s.key("greeting"), secret); err != nil {
			return err
		}
		if err := s.client.Delete(ctx, secret); err != nil {
			return err
		}
		again, err := s.eventuallyGreeted(ctx, "greeting", "good morning, says one")
		if err != nil {
			return err
		}
		return check.That(again.UID != secret.UID, "it is the same")
	})
	s.Check("its finalizer is obeyed, and what is owned is collected", func(ctx context.Context) error {
		if err := s.takeLeave(ctx, "greeting"); err != nil {
			return err
		}
		return s.client.Get(ctx, s.key("greeting-farewell"), &core.ConfigMap{})
	})
	s.Check("reads of a manager's client come from its cache, those of its reader from the server", func(ctx context.Context) error {
		fresh := s.configMap("fresh", nil, nil)
		if err := s.client.Create(ctx, fresh); err != nil {
			return err
		}
		if err := one.manager.GetAPIReader().Get(ctx, s.key("fresh"), &core.ConfigMap{}); err != nil {
			return err
		}
		return check.Eventually(ctx, func() error { return one.manager.GetClient().Get(ctx, s.key("fresh"), &core.ConfigMap{}) })
	})
	s.Check("a manager ends in order", func(context.Context) error { return one.end() })
}

func (s *story) elect() {
	elected := func(options *ctrl.Options) {
		options.LeaderElection, options.LeaderElectionID, options.LeaderElectionNamespace = true, "greetings", s.namespace
		options.LeaderElectionReleaseOnCancel = true
		options.LeaseDuration, options.RenewDeadline, options.RetryPeriod = pointer(4*time.Second), pointer(3*time.Second), pointer(100*time.Millisecond)
	}
	var first, second *running
	s.Check("of two managers one leads", func(ctx context.Context) (err error) {
		if first, err = s.run("first", elected); err != nil {
			return err
		}
		<-first.manager.Elected()
		if second, err = s.run("second", elected); err != nil {
			return err
		}
		if err = s.client.Create(ctx, s.configMap("led", map[string]string{greetingLabel: "yes"}, map[string]string{"source": "source"})); err != nil {
			return err
		}
		if _, err = s.eventuallyGreeted(ctx, "led", "good morning, says first"); err != nil {
			return err
		}
		select {
		case <-second.manager.Elected():
			return errors.New("both lead")
		default:
			return nil
		}
	})
	if second == nil {
		return
	}
	s.Check("the other takes over, and does all again in its way", func(ctx context.Context) error {
		if err := first.end(); err != nil {
			return err
		}
		if _, err := s.eventuallyGreeted(ctx, "led", "good morning, says second"); err != nil {
			return err
		}
		lease := &coordination.Lease{}
		if err := s.client.Get(ctx, s.key("greetings"), lease); err != nil {
			return err
		}
		return errors.Join(check.Equal("the count of transitions", *lease.Spec.LeaseTransitions, 1), s.takeLeave(ctx, "led"), second.end())
	})
}

func (s *story) outlive() {
	control := os.Getenv("KUBEDOUBLE_CONTROL")
	if control == "" {
		fmt.Println("# left out, because KUBEDOUBLE_CONTROL is not set: what a manager lives through when the server starts again")
		return
	}
	steady, err := s.run("steady", func(*ctrl.Options) {})
	s.Check("a manager starts once more", func(ctx context.Context) error {
		if err != nil {
			return err
		}
		return s.client.Create(ctx, s.configMap("lasting", map[string]string{greetingLabel: "yes"}, map[string]string{"source": "source"}))
	})
	if err != nil {
		return
	}
	for number, path := range []string{"/restart", "/restart?expire"} {
		sentence := []string{"a manager goes on when the server has started again", "a manager goes on when the past is forgotten"}[number]
		s.Check(sentence, func(ctx context.Context) error {
			if _, err := s.eventuallyGreeted(ctx, "lasting", ", says steady"); err != nil {
				return err
			}
			if err := request(ctx, http.MethodPost, control+path); err != nil {
				return err
			}
			text := fmt.Sprintf("greeting number %d", number)
			if err := s.client.Update(ctx, s.configMap("source", nil, map[string]string{"text": text})); err != nil {
				return err
			}
			_, err := s.eventuallyGreeted(ctx, "lasting", text+", says steady")
			return err
		})
	}
	s.Check("it ends in order after that", func(ctx context.Context) error {
		return errors.Join(s.takeLeave(ctx, "lasting"), steady.end())
	})
}

// eventuallyGreeted is the Secret once its text ends so.
func (s *story) eventuallyGreeted(ctx context.Context, name, text string) (*core.Secret, error) {
	secret := &core.Secret{}
	return secret, check.Eventually(ctx, func() error {
		if err := s.client.Get(ctx, s.key(name), secret); err != nil {
			return err
		}
		found := string(secret.Data["text"])
		return check.That(strings.HasSuffix(found, text) && len(secret.Data) == 1, "the text is %q", found)
	})
}

// takeLeave deletes a greeting and waits until it is gone, and its Secret with it.
func (s *story) takeLeave(ctx context.Context, name string) error {
	if err := s.client.Delete(ctx, s.configMap(name, nil, nil)); err != nil {
		return err
	}
	return check.Eventually(ctx, func() error {
		greeting := s.client.Get(ctx, s.key(name), &core.ConfigMap{})
		secret := s.client.Get(ctx, s.key(name), &core.Secret{})
		return check.That(apierrors.IsNotFound(greeting) && apierrors.IsNotFound(secret), "%v, %v", greeting, secret)
	})
}

func request(ctx context.Context, method, url string) error {
	asked, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(asked)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	return check.That(answer.StatusCode == http.StatusOK, "the answer was %s: %s", answer.Status, text)
}
