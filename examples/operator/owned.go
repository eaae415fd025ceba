// What a Deployment owns: made, repaired and taken back.
package main

import (
	"context"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// own makes or repairs what a Deployment owns. What is somebody else's is left alone, and not ours.
func (r *reconciler) own(ctx context.Context, deployment *apps.Deployment, object client.Object, fill func()) (isOurs bool, err error) {
	did, err := controllerutil.CreateOrUpdate(ctx, r.client, object, func() error {
		isOurs = object.GetResourceVersion() == "" || meta.IsControlledBy(object, deployment)
		if !isOurs {
			return nil
		}
		fill()
		return controllerutil.SetControllerReference(deployment, object, r.client.Scheme())
	})
	switch {
	case err != nil:
		return false, err
	case !isOurs:
		r.warn(deployment, "NameTaken", "%T %s belongs to somebody else", object, object.GetName())
	case did != controllerutil.OperationResultNone:
		r.recorder.Eventf(deployment, object, core.EventTypeNormal, "Exposed", "Expose", "%T %s is %s", object, object.GetName(), did)
	}
	return isOurs, nil
}

// hide takes back what was exposed.
func (r *reconciler) hide(ctx context.Context, deployment *apps.Deployment) error {
	for _, object := range []client.Object{serviceOf(deployment), addressOf(deployment)} {
		err := r.client.Get(ctx, client.ObjectKeyFromObject(object), object)
		if err == nil && meta.IsControlledBy(object, deployment) {
			err = r.client.Delete(ctx, object)
		}
		if client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

func serviceOf(deployment *apps.Deployment) *core.Service {
	return &core.Service{ObjectMeta: meta.ObjectMeta{Namespace: deployment.Namespace, Name: deployment.Name}}
}

func addressOf(deployment *apps.Deployment) *core.ConfigMap {
	return &core.ConfigMap{ObjectMeta: meta.ObjectMeta{Namespace: deployment.Namespace, Name: deployment.Name + "-address"}}
}
