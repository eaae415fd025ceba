// What the operator promises.
package main

import (
	"testing"

	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestAnExposedDeploymentGetsAServiceAndItsAddress(t *testing.T) {
	deployment := create(t, inNamespace(t), map[string]string{exposeAnnotation: "8080"})
	service, address := eventuallyExposed(t, deployment, 8080)
	for _, object := range []client.Object{service, address} {
		if !meta.IsControlledBy(object, deployment) {
			t.Errorf("%T is owned by %v", object, object.GetOwnerReferences())
		}
	}
	if wanted := service.Spec.ClusterIP + ":8080"; address.Data["address"] != wanted {
		t.Errorf("the address is %v, wanted %s", address.Data, wanted)
	}
}

func TestADeploymentWithoutTheAnnotationIsLeftAlone(t *testing.T) {
	namespace := inNamespace(t)
	hidden := create(t, namespace, nil)
	exposed := deploymentOf(namespace, "later", map[string]string{exposeAnnotation: "80"})
	must(t, cluster.Create(t.Context(), exposed))
	// The one that came later is done with, and so is the first.
	eventuallyExposed(t, exposed, 80)
	if err := get(t.Context(), serviceOf(hidden)); !apierrors.IsNotFound(err) {
		t.Errorf("there is a Service: %v", err)
	}
}

func TestTheServiceLeadsToTheReadyPods(t *testing.T) {
	deployment := create(t, inNamespace(t), map[string]string{exposeAnnotation: "80"})
	eventually(t, func() error {
		var slices discovery.EndpointSliceList
		err := cluster.List(t.Context(), &slices, client.InNamespace(deployment.Namespace), client.MatchingLabels{discovery.LabelServiceName: deployment.Name})
		if err != nil {
			return err
		}
		ready := 0
		for _, slice := range slices.Items {
			for _, endpoint := range slice.Endpoints {
				if *endpoint.Conditions.Ready {
					ready++
				}
			}
		}
		return unless(ready == 2, "%d endpoints are ready", ready)
	})
}

func TestTheAnnotationIsFollowed(t *testing.T) {
	deployment := create(t, inNamespace(t), map[string]string{exposeAnnotation: "80"})
	eventuallyExposed(t, deployment, 80)
	annotate(t, deployment, `"9090"`)
	eventuallyExposed(t, deployment, 9090)
	annotate(t, deployment, `null`)
	eventuallyGone(t, serviceOf(deployment), addressOf(deployment))
}

func TestWhatOthersChangeIsRepaired(t *testing.T) {
	deployment := create(t, inNamespace(t), map[string]string{exposeAnnotation: "80"})
	service, address := eventuallyExposed(t, deployment, 80)
	service.Spec.Ports[0].Port = 81
	must(t, cluster.Update(t.Context(), service))
	must(t, cluster.Delete(t.Context(), address))
	eventuallyExposed(t, deployment, 80)
}

func TestWhatIsOwnedGoesWithTheDeployment(t *testing.T) {
	deployment := create(t, inNamespace(t), map[string]string{exposeAnnotation: "80"})
	eventuallyExposed(t, deployment, 80)
	must(t, cluster.Delete(t.Context(), deployment))
	eventuallyGone(t, serviceOf(deployment), addressOf(deployment))
}

func TestAServiceOfSomebodyElseIsLeftAlone(t *testing.T) {
	namespace := inNamespace(t)
	foreign := &core.Service{ObjectMeta: meta.ObjectMeta{Namespace: namespace, Name: "web"}, Spec: core.ServiceSpec{Ports: []core.ServicePort{{Port: 443}}}}
	must(t, cluster.Create(t.Context(), foreign))
	deployment := create(t, namespace, map[string]string{exposeAnnotation: "80"})
	eventuallyWarned(t, deployment, "NameTaken")
	must(t, get(t.Context(), foreign))
	if foreign.Spec.Ports[0].Port != 443 || len(foreign.OwnerReferences) > 0 {
		t.Errorf("it was changed: %v", foreign)
	}
	if err := get(t.Context(), addressOf(deployment)); !apierrors.IsNotFound(err) {
		t.Errorf("it has an address: %v", err)
	}
}

func TestAPortThatIsNoneIsWarnedOf(t *testing.T) {
	deployment := create(t, inNamespace(t), map[string]string{exposeAnnotation: "eighty"})
	eventuallyWarned(t, deployment, "InvalidPort")
	if err := get(t.Context(), serviceOf(deployment)); !apierrors.IsNotFound(err) {
		t.Errorf("there is a Service: %v", err)
	}
}
