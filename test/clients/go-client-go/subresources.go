// Scale, eviction, tokens and other parts of an object that are written by themselves.
package main

import (
	"context"
	"fmt"

	"example.com/kubedouble-clients/check"
	autoscaling "k8s.io/api/autoscaling/v1"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	applyautoscaling "k8s.io/client-go/applyconfigurations/autoscaling/v1"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/util/retry"
)

func (s *story) useSubresources() {
	deployments := s.client.AppsV1().Deployments(s.namespace)
	pods := s.client.CoreV1().Pods(s.namespace)
	s.Check("a Deployment is scaled by its scale", func(ctx context.Context) error {
		var before int32
		// The controller may write the status in between.
		err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
			current, err := deployments.GetScale(ctx, "web", meta.GetOptions{})
			if err != nil {
				return err
			}
			before = current.Spec.Replicas
			current.Spec.Replicas = 3
			_, err = deployments.UpdateScale(ctx, "web", current, meta.UpdateOptions{})
			return err
		})
		if err != nil {
			return err
		}
		read, err := deployments.Get(ctx, "web", meta.GetOptions{})
		if err != nil {
			return err
		}
		return check.That(before == 2 && *read.Spec.Replicas == 3, "it was %d and is %d", before, *read.Spec.Replicas)
	})
	s.Check("a scale is applied", func(ctx context.Context) error {
		part := applyautoscaling.Scale().WithSpec(applyautoscaling.ScaleSpec().WithReplicas(2))
		made, err := deployments.ApplyScale(ctx, "web", part, meta.ApplyOptions{FieldManager: "scaler", Force: true})
		if err != nil {
			return err
		}
		return check.Equal("the count", made.Spec.Replicas, 2)
	})
	s.Check("the scale client finds what has a scale by discovery", func(ctx context.Context) error {
		cached := memory.NewMemCacheClient(s.client.Discovery())
		mapper := restmapper.NewDeferredDiscoveryRESTMapper(cached)
		client, err := scale.NewForConfig(s.config, mapper, dynamic.LegacyAPIPathResolverFunc, scale.NewDiscoveryScaleKindResolver(s.client.Discovery()))
		if err != nil {
			return err
		}
		made, err := client.Scales(s.namespace).Update(ctx, schema.GroupResource{Group: "apps", Resource: "deployments"}, &autoscaling.Scale{
			ObjectMeta: meta.ObjectMeta{Name: "web", Namespace: s.namespace}, Spec: autoscaling.ScaleSpec{Replicas: 4},
		}, meta.UpdateOptions{})
		if err != nil {
			return err
		}
		return check.That(made.Spec.Replicas == 4 && made.Status.Selector == "app=web", "the scale is %v", made)
	})
	s.Check("a pod runs", func(ctx context.Context) error {
		if _, err := pods.Create(ctx, pod("lone"), meta.CreateOptions{}); err != nil {
			return err
		}
		return check.Eventually(ctx, func() error {
			read, err := pods.Get(ctx, "lone", meta.GetOptions{})
			if err != nil {
				return err
			}
			return check.That(read.Status.Phase == core.PodRunning && read.Spec.NodeName != "" && read.Status.PodIP != "", "the status is %v", read.Status)
		})
	})
	s.Check("a pod may not be evicted below its budget", func(ctx context.Context) error {
		one := intstr.FromInt32(1)
		budget := &policy.PodDisruptionBudget{
			ObjectMeta: meta.ObjectMeta{Name: "lone"},
			Spec:       policy.PodDisruptionBudgetSpec{MinAvailable: &one, Selector: &meta.LabelSelector{MatchLabels: map[string]string{"app": "lone"}}},
		}
		budgets := s.client.PolicyV1().PodDisruptionBudgets(s.namespace)
		if _, err := budgets.Create(ctx, budget, meta.CreateOptions{}); err != nil {
			return err
		}
		err := check.Eventually(ctx, func() error {
			read, err := budgets.Get(ctx, "lone", meta.GetOptions{})
			if err != nil {
				return err
			}
			return check.That(read.Status.ObservedGeneration == read.Generation && read.Status.ExpectedPods == 1, "the status is %v", read.Status)
		})
		if err != nil {
			return err
		}
		err = pods.EvictV1(ctx, &policy.Eviction{ObjectMeta: meta.ObjectMeta{Name: "lone"}})
		return check.That(apierrors.IsTooManyRequests(err) && apierrors.HasStatusCause(err, policy.DisruptionBudgetCause), "the answer was %v", err)
	})
	s.Check("a pod is evicted once its budget is gone", func(ctx context.Context) error {
		if err := s.client.PolicyV1().PodDisruptionBudgets(s.namespace).Delete(ctx, "lone", meta.DeleteOptions{}); err != nil {
			return err
		}
		return check.Eventually(ctx, func() error {
			err := pods.EvictV1(ctx, &policy.Eviction{ObjectMeta: meta.ObjectMeta{Name: "lone"}, DeleteOptions: &meta.DeleteOptions{GracePeriodSeconds: pointer[int64](0)}})
			return check.That(apierrors.IsNotFound(err), "the pod is still there: %v", err)
		})
	})
	s.Check("a client binds a pod to a node", func(ctx context.Context) error {
		bound := pod("bound")
		bound.Spec.SchedulerName = "nobody"
		if _, err := pods.Create(ctx, bound, meta.CreateOptions{}); err != nil {
			return err
		}
		nodes, err := s.client.CoreV1().Nodes().List(ctx, meta.ListOptions{Limit: 1})
		if err != nil {
			return err
		}
		if len(nodes.Items) == 0 {
			return fmt.Errorf("there is no node")
		}
		binding := &core.Binding{ObjectMeta: meta.ObjectMeta{Name: "bound"}, Target: core.ObjectReference{Kind: "Node", Name: nodes.Items[0].Name}}
		if err = pods.Bind(ctx, binding, meta.CreateOptions{}); err != nil {
			return err
		}
		read, err := pods.Get(ctx, "bound", meta.GetOptions{})
		if err != nil {
			return err
		}
		return check.Equal("the node", read.Spec.NodeName, nodes.Items[0].Name)
	})
}
