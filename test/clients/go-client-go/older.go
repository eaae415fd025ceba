//go:build client_go_0_32

// What client-go 0.32 does in its own way.
package main

import (
	"context"

	"example.com/kubedouble-clients/check"
	clientfeatures "k8s.io/client-go/features"
)

func (s *story) useWhatIsNew() {
	s.Check("informers list first unless they are told to use WatchList", func(context.Context) error {
		return check.That(!clientfeatures.FeatureGates().Enabled(clientfeatures.WatchListClient), "the gate is open")
	})
}
