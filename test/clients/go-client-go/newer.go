//go:build !client_go_0_32

// What client-go 0.35 has, and 0.32 has not.
package main

import (
	"context"

	resource "k8s.io/api/resource/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientfeatures "k8s.io/client-go/features"
)

func (s *story) useWhatIsNew() {
	s.check("informers use WatchList unless they are told not to", func(context.Context) error {
		return want(clientfeatures.FeatureGates().Enabled(clientfeatures.WatchListClient), "the gate is closed")
	})
	s.check("the ServiceCIDR of the cluster is listed in networking.k8s.io/v1", func(ctx context.Context) error {
		list, err := s.client.NetworkingV1().ServiceCIDRs().List(ctx, meta.ListOptions{})
		if err != nil {
			return err
		}
		return want(len(list.Items) > 0 && list.Items[0].Name == "kubernetes", "they are %v", list.Items)
	})
	s.check("a ResourceClaim of resource.k8s.io/v1 is made", func(ctx context.Context) error {
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
		return want(exactly.AllocationMode == resource.DeviceAllocationModeExactCount && exactly.Count == 1, "it is %v", exactly)
	})
}
