// Create, read and update with typed clients that speak protobuf, and with the dynamic and metadata clients.
package main

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"example.com/kubedouble-clients/check"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/util/retry"
)

func (s *story) writeAndRead() {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	s.Check("a typed client creates a ConfigMap, in protobuf both ways", func(ctx context.Context) error {
		object := configMap("first", map[string]string{"greeting": "hello"})
		object.BinaryData = map[string][]byte{"bytes": {0, 1, 254, 255}}
		exchanges, err := s.traffic.during("/configmaps", func() error {
			made, err := configMaps.Create(ctx, object, meta.CreateOptions{})
			if err != nil {
				return err
			}
			return check.That(made.UID != "" && made.ResourceVersion != "" && !made.CreationTimestamp.IsZero(), "the metadata is %v", made.ObjectMeta)
		})
		if err != nil {
			return err
		}
		return check.That(len(exchanges) == 1 && exchanges[0].sent == protobuf && exchanges[0].received == protobuf, "the exchange was %v", exchanges)
	})
	s.Check("what was created is read back, binary data included", func(ctx context.Context) error {
		read, err := configMaps.Get(ctx, "first", meta.GetOptions{})
		if err != nil {
			return err
		}
		return check.That(read.Data["greeting"] == "hello" && bytes.Equal(read.BinaryData["bytes"], []byte{0, 1, 254, 255}), "the data is %v and %v", read.Data, read.BinaryData)
	})
	s.Check("a name is generated", func(ctx context.Context) error {
		made, err := configMaps.Create(ctx, &core.ConfigMap{ObjectMeta: meta.ObjectMeta{GenerateName: "some-"}}, meta.CreateOptions{})
		if err != nil {
			return err
		}
		return check.That(strings.HasPrefix(made.Name, "some-") && len(made.Name) == len("some-")+5, "the name is %s", made.Name)
	})
	s.Check("a Service is given its cluster IP and defaults", func(ctx context.Context) error {
		made, err := s.client.CoreV1().Services(s.namespace).Create(ctx, service("web"), meta.CreateOptions{})
		if err != nil {
			return err
		}
		port := made.Spec.Ports[0]
		return check.That(made.Spec.ClusterIP != "" && made.Spec.Type == core.ServiceTypeClusterIP && port.TargetPort == intstr.FromInt32(80) && port.Protocol == core.ProtocolTCP, "the spec is %v", made.Spec)
	})
	s.Check("a Deployment is given its defaults", func(ctx context.Context) error {
		made, err := s.client.AppsV1().Deployments(s.namespace).Create(ctx, deployment("web", 2), meta.CreateOptions{})
		if err != nil {
			return err
		}
		return check.That(made.Spec.Strategy.Type == apps.RollingUpdateDeploymentStrategyType && *made.Spec.RevisionHistoryLimit == 10 && made.Generation == 1, "the spec is %v", made.Spec)
	})
	s.Check("a dry run answers and stores nothing", func(ctx context.Context) error {
		made, err := configMaps.Create(ctx, configMap("dry", nil), meta.CreateOptions{DryRun: []string{meta.DryRunAll}})
		if err != nil {
			return err
		}
		_, err = configMaps.Get(ctx, "dry", meta.GetOptions{})
		return check.That(made.UID != "" && apierrors.IsNotFound(err), "it is there: %v", err)
	})
	s.Check("an update of what has changed is a Conflict", func(ctx context.Context) error {
		read, err := configMaps.Get(ctx, "first", meta.GetOptions{})
		if err != nil {
			return err
		}
		stale := read.DeepCopy()
		read.Data["greeting"] = "good morning"
		if _, err = configMaps.Update(ctx, read, meta.UpdateOptions{}); err != nil {
			return err
		}
		stale.Data["greeting"] = "good night"
		_, err = configMaps.Update(ctx, stale, meta.UpdateOptions{})
		return check.That(apierrors.IsConflict(err), "the answer was %v", err)
	})
	s.Check("RetryOnConflict loses no update of four writers", func(ctx context.Context) error {
		if _, err := configMaps.Create(ctx, configMap("counter", map[string]string{"count": "0"}), meta.CreateOptions{}); err != nil {
			return err
		}
		const writers, rounds = 4, 5
		failures := make([]error, writers)
		var group sync.WaitGroup
		for writer := range writers {
			group.Add(1)
			go func() {
				defer group.Done()
				for round := 0; round < rounds && failures[writer] == nil; round++ {
					failures[writer] = s.countOneMore(ctx)
				}
			}()
		}
		group.Wait()
		for _, failure := range failures {
			if failure != nil {
				return failure
			}
		}
		read, err := configMaps.Get(ctx, "counter", meta.GetOptions{})
		if err != nil {
			return err
		}
		return check.Equal("the count", read.Data["count"], strconv.Itoa(writers*rounds))
	})
	s.Check("a status is updated apart from the spec", func(ctx context.Context) error {
		deployments := s.client.AppsV1().Deployments(s.namespace)
		made, err := deployments.Create(ctx, deployment("idle", 0), meta.CreateOptions{})
		if err != nil {
			return err
		}
		var updated *apps.Deployment
		err = retry.RetryOnConflict(retry.DefaultBackoff, func() error {
			read, err := deployments.Get(ctx, "idle", meta.GetOptions{})
			if err != nil {
				return err
			}
			read.Spec.Replicas = pointer[int32](9)
			read.Status.Conditions = append(read.Status.Conditions, apps.DeploymentCondition{Type: "Tested", Status: core.ConditionTrue})
			updated, err = deployments.UpdateStatus(ctx, read, meta.UpdateOptions{})
			return err
		})
		if err != nil {
			return err
		}
		conditions := updated.Status.Conditions
		return check.That(*updated.Spec.Replicas == 0 && updated.Generation == made.Generation && conditions[len(conditions)-1].Type == "Tested", "it is %v", updated)
	})
	s.Check("the dynamic client creates, reads and updates in JSON", func(ctx context.Context) error {
		resource := s.dynamic.Resource(core.SchemeGroupVersion.WithResource("secrets")).Namespace(s.namespace)
		object := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "dynamic"}, "stringData": map[string]any{"word": "open"},
		}}
		made, err := resource.Create(ctx, object, meta.CreateOptions{})
		if err != nil {
			return err
		}
		if err = unstructured.SetNestedField(made.Object, "Y2xvc2U=", "data", "word"); err != nil {
			return err
		}
		if _, err = resource.Update(ctx, made, meta.UpdateOptions{}); err != nil {
			return err
		}
		read, err := s.client.CoreV1().Secrets(s.namespace).Get(ctx, "dynamic", meta.GetOptions{})
		if err != nil {
			return err
		}
		return check.That(read.Type == core.SecretTypeOpaque && string(read.Data["word"]) == "close", "it is %v", read)
	})
	s.Check("the metadata client reads PartialObjectMetadata, in protobuf", func(ctx context.Context) error {
		mark := s.traffic.mark()
		resource := s.metadata.Resource(apps.SchemeGroupVersion.WithResource("deployments")).Namespace(s.namespace)
		read, err := resource.Get(ctx, "web", meta.GetOptions{})
		if err != nil {
			return err
		}
		list, err := resource.List(ctx, meta.ListOptions{LabelSelector: "app=web"})
		if err != nil {
			return err
		}
		if read.Labels["app"] != "web" || len(list.Items) != 1 || list.Items[0].UID != read.UID {
			return fmt.Errorf("it is %v in %v", read, list)
		}
		for _, one := range s.traffic.since(mark, "") {
			if !strings.HasPrefix(one.received, protobuf) {
				return fmt.Errorf("the media type is %s", one.received)
			}
		}
		return nil
	})
}

func (s *story) countOneMore(ctx context.Context) error {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	patience := retry.DefaultRetry
	patience.Steps = 50
	return retry.RetryOnConflict(patience, func() error {
		read, err := configMaps.Get(ctx, "counter", meta.GetOptions{})
		if err != nil {
			return err
		}
		count, err := strconv.Atoi(read.Data["count"])
		if err != nil {
			return err
		}
		read.Data["count"] = strconv.Itoa(count + 1)
		_, err = configMaps.Update(ctx, read, meta.UpdateOptions{})
		return err
	})
}
