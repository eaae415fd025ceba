// A controller to tell the story with: from a ConfigMap that names a source it makes a Secret with a greeting.
package main

import (
	"context"
	"fmt"

	core "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const (
	greetingLabel = "example.com/greeting"
	finalizer     = "example.com/farewell"
	bySource      = "data.source"
)

type greetings struct {
	client   client.Client
	recorder events.EventRecorder
	// by is who greets: with two managers one sees who is at work.
	by string
}

// watchWith makes a controller of a manager: ConfigMaps with the label, the Secrets they own, the ConfigMaps they name.
func (g *greetings) watchWith(ctx context.Context, manager ctrl.Manager) error {
	g.client, g.recorder = manager.GetClient(), manager.GetEventRecorder("greetings")
	source := func(object client.Object) []string { return []string{object.(*core.ConfigMap).Data["source"]} }
	if err := manager.GetFieldIndexer().IndexField(ctx, &core.ConfigMap{}, bySource, source); err != nil {
		return err
	}
	isGreeting := predicate.NewPredicateFuncs(func(object client.Object) bool { return object.GetLabels()[greetingLabel] != "" })
	return ctrl.NewControllerManagedBy(manager).
		Named("greetings").
		WithOptions(controller.Options{SkipNameValidation: pointer(true)}).
		For(&core.ConfigMap{}, builder.WithPredicates(isGreeting)).
		Owns(&core.Secret{}).
		Watches(&core.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(g.greetingsOf)).
		Complete(g)
}

// greetingsOf finds whom a source concerns.
func (g *greetings) greetingsOf(ctx context.Context, source client.Object) []reconcile.Request {
	var list core.ConfigMapList
	if err := g.client.List(ctx, &list, client.InNamespace(source.GetNamespace()), client.MatchingFields{bySource: source.GetName()}, client.HasLabels{greetingLabel}); err != nil {
		return nil
	}
	var requests []reconcile.Request
	for _, item := range list.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&item)})
	}
	return requests
}

func (g *greetings) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	greeting, source := &core.ConfigMap{}, &core.ConfigMap{}
	if err := g.client.Get(ctx, request.NamespacedName, greeting); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !greeting.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, g.sayFarewell(ctx, greeting)
	}
	if controllerutil.AddFinalizer(greeting, finalizer) {
		if err := g.client.Update(ctx, greeting); err != nil {
			return ctrl.Result{}, err
		}
	}
	// Without its source there is nothing to say yet: the watch tells when it comes.
	if err := g.client.Get(ctx, client.ObjectKey{Namespace: greeting.Namespace, Name: greeting.Data["source"]}, source); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	secret := &core.Secret{}
	secret.Namespace, secret.Name = greeting.Namespace, greeting.Name
	did, err := controllerutil.CreateOrUpdate(ctx, g.client, secret, func() error {
		secret.Data = map[string][]byte{"text": []byte(fmt.Sprintf("%s, says %s", source.Data["text"], g.by))}
		return controllerutil.SetControllerReference(greeting, secret, g.client.Scheme())
	})
	if err == nil && did != controllerutil.OperationResultNone {
		g.recorder.Eventf(greeting, secret, core.EventTypeNormal, "Greeted", "Greet", "the Secret is %s", did)
	}
	return ctrl.Result{}, err
}

// sayFarewell leaves a note behind and lets go.
func (g *greetings) sayFarewell(ctx context.Context, greeting *core.ConfigMap) error {
	note := &core.ConfigMap{}
	note.Namespace, note.Name = greeting.Namespace, greeting.Name+"-farewell"
	if err := client.IgnoreAlreadyExists(g.client.Create(ctx, note)); err != nil {
		return err
	}
	controllerutil.RemoveFinalizer(greeting, finalizer)
	return client.IgnoreNotFound(g.client.Update(ctx, greeting))
}
