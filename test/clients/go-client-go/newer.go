//go:build !client_go_0_32

// What client-go 0.35 has, and 0.32 has not.
package main

import (
	"context"

	"example.com/kubedouble-clients/check"
	resource "k8s.io/api/resource/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientfeatures "k8s.io/client-go/features"
)

func (s *story) useWhatIsNew() {
	s.Check("informers use WatchList unless they are told not to", func(context.Context) error {
		return check.That(clientfeatures.FeatureGates().Enabled(clientfeatures.WatchListClient), "the gate is closed")
	})
	s.Check("the ServiceCIDR of the cluster is listed in networking.k8s.io/v1", func(ctx context.Context) error {
		list, err := s.client.NetworkingV1().ServiceCIDRs().List(ctx, meta.ListOptions{})
		if err != nil {
			return err
		}
		return check.That(len(list.Items) > 0 && list.Items[0].Name == "kubernetes", "they are %v", list.Items)
	})
	s.Check("a ResourceClaim of resource.k8s.io/v1 is made", func(ctx context.Context) error {
		request := resource.DeviceRequest{Name: "one", Exactly: &resource.ExactDeviceRequest{DeviceClassName: "any"}}
		claim := &resource.ResourceClaim{
			ObjectMeta: meta.ObjectMeta{Name: "claim"},
			Spec:       resource.ResourceClaimSpec{Devices: resource.DeviceClaim{Requests: []resource.DeviceRequest{request}}},
		}
		made, err := s.client.ResourceV1().ResourceClaims(s.namespace).Create(ctx, claim, meta.CreateOptions{})
		if err != nil {
			return err
		}
		exactly := made.Spec.Devices.Requests[0].Exactly
		return check.That(exactly.AllocationMode == resource.DeviceAllocationModeExactCount && exactly.Count == 1, "it is %v", exactly)
	})
}
