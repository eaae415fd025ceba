// What the tests begin with, and what they wait for.
package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// inNamespace makes a namespace for one test, and lets it run beside the others.
func inNamespace(t *testing.T) string {
	t.Parallel()
	namespace := &core.Namespace{ObjectMeta: meta.ObjectMeta{GenerateName: "test-"}}
	must(t, cluster.Create(t.Context(), namespace))
	return namespace.Name
}

func create(t *testing.T, namespace string, annotations map[string]string) *apps.Deployment {
	t.Helper()
	deployment := deploymentOf(namespace, "web", annotations)
	must(t, cluster.Create(t.Context(), deployment))
	return deployment
}

func deploymentOf(namespace, name string, annotations map[string]string) *apps.Deployment {
	labels, replicas := map[string]string{"app": name}, int32(2)
	return &apps.Deployment{
		ObjectMeta: meta.ObjectMeta{Namespace: namespace, Name: name, Annotations: annotations},
		Spec: apps.DeploymentSpec{
			Replicas: &replicas,
			Selector: &meta.LabelSelector{MatchLabels: labels},
			Template: core.PodTemplateSpec{
				ObjectMeta: meta.ObjectMeta{Labels: labels},
				Spec:       core.PodSpec{Containers: []core.Container{{Name: "web", Image: "nginx"}}},
			},
		},
	}
}

func annotate(t *testing.T, deployment *apps.Deployment, value string) {
	t.Helper()
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%s}}}`, exposeAnnotation, value)
	must(t, cluster.Patch(t.Context(), deployment, client.RawPatch("application/merge-patch+json", []byte(patch))))
}

func get(ctx context.Context, object client.Object) error {
	return cluster.Get(ctx, client.ObjectKeyFromObject(object), object)
}

func eventuallyExposed(t *testing.T, deployment *apps.Deployment, port int32) (*core.Service, *core.ConfigMap) {
	t.Helper()
	service, address := serviceOf(deployment), addressOf(deployment)
	eventually(t, func() error {
		if err := get(t.Context(), service); err != nil {
			return err
		}
		if err := get(t.Context(), address); err != nil {
			return err
		}
		return unless(service.Spec.Ports[0].Port == port, "the port is %d", service.Spec.Ports[0].Port)
	})
	return service, address
}

func eventuallyGone(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		eventually(t, func() error {
			err := get(t.Context(), object)
			return unless(apierrors.IsNotFound(err), "%T is still there: %v", object, err)
		})
	}
}

func eventuallyWarned(t *testing.T, deployment *apps.Deployment, reason string) {
	t.Helper()
	eventually(t, func() error {
		var events eventsv1.EventList
		if err := cluster.List(t.Context(), &events, client.InNamespace(deployment.Namespace), client.MatchingFields{"reason": reason}); err != nil {
			return err
		}
		isWarned := len(events.Items) > 0 && events.Items[0].Regarding.UID == deployment.UID && events.Items[0].Type == core.EventTypeWarning
		return unless(isWarned, "the events are %v", events.Items)
	})
}

func unless(holds bool, format string, args ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, args...)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually asks again until there is nothing to complain of.
func eventually(t *testing.T, complaint func() error) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for err := complaint(); err != nil; err = complaint() {
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
