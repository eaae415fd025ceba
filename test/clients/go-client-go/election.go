// Leader election through Leases.
package main

import (
	"context"
	"fmt"
	"time"

	"example.com/kubedouble-clients/check"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

func (s *story) elect() {
	term := context.Background()
	first, second := &candidate{name: "first"}, &candidate{name: "second"}
	s.Check("a candidate becomes the leader and holds the Lease", func(ctx context.Context) error {
		if err := first.run(term, s, "leader"); err != nil {
			return err
		}
		return s.eventuallyHeld(ctx, "leader", "first", 0)
	})
	s.Check("another candidate waits", func(ctx context.Context) error {
		if err := second.run(term, s, "leader"); err != nil {
			return err
		}
		return check.Eventually(ctx, func() error {
			return check.That(second.elector.GetLeader() == "first" && !second.elector.IsLeader() && first.elector.IsLeader(), "the leader is %q", second.elector.GetLeader())
		})
	})
	s.Check("it takes over when the leader lets go", func(ctx context.Context) error {
		first.resign()
		if err := first.eventuallyEnded(ctx); err != nil {
			return err
		}
		return s.eventuallyHeld(ctx, "leader", "second", 1)
	})
	s.Check("it takes over when the leader falls silent, who gives up", func(ctx context.Context) error {
		third := &candidate{name: "third"}
		if err := third.run(term, s, "leader"); err != nil {
			return err
		}
		defer third.resign()
		second.line.cut()
		if err := second.eventuallyEnded(ctx); err != nil {
			return err
		}
		return s.eventuallyHeld(ctx, "leader", "third", 2)
	})
}

// candidate runs for the leadership, over a line of its own.
type candidate struct {
	name string
	// How long its lease lasts: 4 s when it does not say.
	patience time.Duration
	line     line
	elector  *leaderelection.LeaderElector
	resign   context.CancelFunc
	ended    chan struct{}
}

func (c *candidate) run(ctx context.Context, s *story, lease string) error {
	client, err := kubernetes.NewForConfig(c.line.of(s.config))
	if err != nil {
		return err
	}
	c.ended = make(chan struct{})
	if c.patience == 0 {
		c.patience = 4 * time.Second
	}
	c.elector, err = leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  meta.ObjectMeta{Namespace: s.namespace, Name: lease},
			Client:     client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: c.name},
		},
		LeaseDuration:   c.patience,
		RenewDeadline:   c.patience * 3 / 4,
		RetryPeriod:     100 * time.Millisecond,
		ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) { <-ctx.Done() },
			OnStoppedLeading: func() { close(c.ended) },
		},
	})
	if err != nil {
		return err
	}
	ctx, c.resign = context.WithCancel(ctx)
	go c.elector.Run(ctx)
	return nil
}

func (c *candidate) eventuallyEnded(ctx context.Context) error {
	select {
	case <-c.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s still leads", c.name)
	}
}

func (s *story) eventuallyHeld(ctx context.Context, lease, holder string, transitions int32) error {
	return check.Eventually(ctx, func() error {
		read, err := s.client.CoordinationV1().Leases(s.namespace).Get(ctx, lease, meta.GetOptions{})
		if err != nil {
			return err
		}
		spec := read.Spec
		return check.That(spec.HolderIdentity != nil && *spec.HolderIdentity == holder && *spec.LeaseTransitions == transitions && spec.RenewTime != nil, "the lease is %v", spec)
	})
}
