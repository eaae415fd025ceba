// The reconciler: from a Deployment and its annotation to a Service and a ConfigMap.
package main

import (
	"context"
	"fmt"
	"net"
	"strconv"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// exposeAnnotation holds the port at which a Deployment is exposed.
const exposeAnnotation = "example.com/expose"

type reconciler struct {
	client   client.Client
	recorder events.EventRecorder
}

func newReconciler(manager ctrl.Manager) *reconciler {
	return &reconciler{client: manager.GetClient(), recorder: manager.GetEventRecorder("expose.example.com")}
}

func (r *reconciler) watchWith(manager ctrl.Manager) error {
	// The status of a Deployment changes often, and does not matter here.
	isConcerned := predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{})
	return ctrl.NewControllerManagedBy(manager).
		For(&apps.Deployment{}, builder.WithPredicates(isConcerned)).
		Owns(&core.Service{}).
		Owns(&core.ConfigMap{}).
		Complete(r)
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	deployment := &apps.Deployment{}
	if err := r.client.Get(ctx, request.NamespacedName, deployment); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !deployment.DeletionTimestamp.IsZero() {
		// What it owns is the garbage collector's.
		return ctrl.Result{}, nil
	}
	wanted, isExposed := deployment.Annotations[exposeAnnotation]
	if !isExposed {
		return ctrl.Result{}, r.hide(ctx, deployment)
	}
	port, err := strconv.Atoi(wanted)
	if err != nil || len(validation.IsValidPortNum(port)) > 0 {
		r.warn(deployment, "InvalidPort", "%s is %q, which is no port", exposeAnnotation, wanted)
		return ctrl.Result{}, nil
	}
	return ctrl.Result{}, r.expose(ctx, deployment, int32(port))
}

func (r *reconciler) expose(ctx context.Context, deployment *apps.Deployment, port int32) error {
	service, address := serviceOf(deployment), addressOf(deployment)
	isOurs, err := r.own(ctx, deployment, service, func() {
		service.Spec.Selector = deployment.Spec.Selector.MatchLabels
		// Defaults are said as well: otherwise there would be a difference each time, and an update.
		service.Spec.Ports = []core.ServicePort{{Name: "main", Protocol: core.ProtocolTCP, Port: port, TargetPort: intstr.FromInt32(port)}}
	})
	if err != nil || !isOurs {
		return err
	}
	_, err = r.own(ctx, deployment, address, func() {
		address.Data = map[string]string{
			"host":    fmt.Sprintf("%s.%s.svc", service.Name, service.Namespace),
			"address": net.JoinHostPort(service.Spec.ClusterIP, strconv.Itoa(int(port))),
		}
	})
	return err
}

func (r *reconciler) warn(deployment *apps.Deployment, reason, note string, args ...any) {
	r.recorder.Eventf(deployment, nil, core.EventTypeWarning, reason, "Expose", note, args...)
}
