// Delete, with what depends on an object and without, under preconditions and finalizers.
package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.com/kubedouble-clients/check"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

func (s *story) remove() {
	deployments := s.client.AppsV1().Deployments(s.namespace)
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	s.Check("delete in the background: the owner goes at once, what it owned follows", func(ctx context.Context) error {
		if err := s.rollOut(ctx, "background"); err != nil {
			return err
		}
		if err := deployments.Delete(ctx, "background", meta.DeleteOptions{PropagationPolicy: pointer(meta.DeletePropagationBackground)}); err != nil {
			return err
		}
		if _, err := deployments.Get(ctx, "background", meta.GetOptions{}); !apierrors.IsNotFound(err) {
			return fmt.Errorf("the Deployment is still there: %v", err)
		}
		return s.eventuallyOwned(ctx, "background", 0, 0)
	})
	s.Check("delete in the foreground: the owner waits for what it owns", func(ctx context.Context) error {
		if err := s.rollOut(ctx, "foreground"); err != nil {
			return err
		}
		read, err := deployments.Get(ctx, "foreground", meta.GetOptions{})
		if err != nil {
			return err
		}
		watching, err := deployments.Watch(ctx, meta.ListOptions{ResourceVersion: read.ResourceVersion, FieldSelector: "metadata.name=foreground"})
		if err != nil {
			return err
		}
		defer watching.Stop()
		if err = deployments.Delete(ctx, "foreground", meta.DeleteOptions{PropagationPolicy: pointer(meta.DeletePropagationForeground)}); err != nil {
			return err
		}
		hasWaited := false
		for event := range watching.ResultChan() {
			object := event.Object.(*apps.Deployment)
			hasWaited = hasWaited || object.DeletionTimestamp != nil && slices.Contains(object.Finalizers, meta.FinalizerDeleteDependents)
			if event.Type == watch.Deleted {
				return errors.Join(check.That(hasWaited, "it has not waited"), s.eventuallyOwned(ctx, "foreground", 0, 0))
			}
		}
		return fmt.Errorf("it never went")
	})
	s.Check("delete and orphan: what it owned stays, without an owner", func(ctx context.Context) error {
		if err := s.rollOut(ctx, "orphan"); err != nil {
			return err
		}
		if err := deployments.Delete(ctx, "orphan", meta.DeleteOptions{PropagationPolicy: pointer(meta.DeletePropagationOrphan)}); err != nil {
			return err
		}
		err := check.Eventually(ctx, func() error {
			_, err := deployments.Get(ctx, "orphan", meta.GetOptions{})
			return check.That(apierrors.IsNotFound(err), "the Deployment is still there: %v", err)
		})
		if err != nil {
			return err
		}
		list, err := s.client.AppsV1().ReplicaSets(s.namespace).List(ctx, meta.ListOptions{LabelSelector: "app=orphan"})
		if err != nil {
			return err
		}
		if len(list.Items) != 1 || len(list.Items[0].OwnerReferences) != 0 {
			return fmt.Errorf("the ReplicaSets are %v", list.Items)
		}
		return s.eventuallyOwned(ctx, "orphan", 1, 2)
	})
	s.Check("a delete of another uid is a Conflict", func(ctx context.Context) error {
		err := configMaps.Delete(ctx, "first", meta.DeleteOptions{Preconditions: meta.NewUIDPreconditions("another")})
		return check.That(apierrors.IsConflict(err), "the answer was %v", err)
	})
	s.Check("a finalizer holds an object until it is taken off", func(ctx context.Context) error {
		held := configMap("held", nil)
		held.Finalizers = []string{"example.com/hold"}
		if _, err := configMaps.Create(ctx, held, meta.CreateOptions{}); err != nil {
			return err
		}
		if err := configMaps.Delete(ctx, "held", meta.DeleteOptions{}); err != nil {
			return err
		}
		read, err := configMaps.Get(ctx, "held", meta.GetOptions{})
		if err != nil {
			return err
		}
		if read.DeletionTimestamp == nil {
			return fmt.Errorf("it is not terminating: %v", read.ObjectMeta)
		}
		if _, err = configMaps.Patch(ctx, "held", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), meta.PatchOptions{}); err != nil {
			return err
		}
		_, err = configMaps.Get(ctx, "held", meta.GetOptions{})
		return check.That(apierrors.IsNotFound(err), "it is still there: %v", err)
	})
	s.Check("a collection is deleted by a selector", func(ctx context.Context) error {
		if err := configMaps.DeleteCollection(ctx, meta.DeleteOptions{}, meta.ListOptions{LabelSelector: "parity=odd"}); err != nil {
			return err
		}
		list, err := configMaps.List(ctx, meta.ListOptions{LabelSelector: "book"})
		if err != nil {
			return err
		}
		return check.Equal("the count of the rest", len(list.Items), 6)
	})
	s.Check("a pod takes its grace", func(ctx context.Context) error {
		pods := s.client.CoreV1().Pods(s.namespace)
		read, err := pods.Get(ctx, "awaited", meta.GetOptions{})
		if err != nil {
			return err
		}
		watching, err := pods.Watch(ctx, meta.ListOptions{ResourceVersion: read.ResourceVersion, FieldSelector: "metadata.name=awaited"})
		if err != nil {
			return err
		}
		defer watching.Stop()
		if err = pods.Delete(ctx, "awaited", meta.DeleteOptions{GracePeriodSeconds: pointer[int64](1)}); err != nil {
			return err
		}
		var grace []int64
		for event := range watching.ResultChan() {
			if seconds := event.Object.(*core.Pod).DeletionGracePeriodSeconds; seconds != nil {
				grace = append(grace, *seconds)
			}
			if event.Type == watch.Deleted {
				return check.That(grace[0] == 1 && grace[len(grace)-1] == 0, "it was given %v", grace)
			}
		}
		return fmt.Errorf("it never went")
	})
}

// rollOut waits until a Deployment of two replicas has its pods.
func (s *story) rollOut(ctx context.Context, name string) error {
	if _, err := s.client.AppsV1().Deployments(s.namespace).Create(ctx, deployment(name, 2), meta.CreateOptions{}); err != nil {
		return err
	}
	return s.eventuallyOwned(ctx, name, 1, 2)
}

func (s *story) eventuallyOwned(ctx context.Context, name string, replicaSets, pods int) error {
	selection := meta.ListOptions{LabelSelector: "app=" + name}
	return check.Eventually(ctx, func() error {
		sets, err := s.client.AppsV1().ReplicaSets(s.namespace).List(ctx, selection)
		if err != nil {
			return err
		}
		members, err := s.client.CoreV1().Pods(s.namespace).List(ctx, selection)
		if err != nil {
			return err
		}
		return check.That(len(sets.Items) == replicaSets && len(members.Items) == pods, "there are %d ReplicaSets and %d pods", len(sets.Items), len(members.Items))
	})
}
