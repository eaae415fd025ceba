// The client of controller-runtime: one for all kinds, typed and not.
package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"example.com/kubedouble-clients/check"
	apps "k8s.io/api/apps/v1"
	authentication "k8s.io/api/authentication/v1"
	autoscaling "k8s.io/api/autoscaling/v1"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/watch"
	applycore "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

func (s *story) useTheClient() {
	s.Check("the client creates, reads, updates and deletes", func(ctx context.Context) error {
		object := s.configMap("simple", nil, map[string]string{"word": "one"})
		if err := s.client.Create(ctx, object); err != nil {
			return err
		}
		object.Data["word"] = "two"
		if err := s.client.Update(ctx, object); err != nil {
			return err
		}
		read := &core.ConfigMap{}
		if err := s.client.Get(ctx, s.key("simple"), read); err != nil {
			return err
		}
		if err := s.client.Delete(ctx, read); err != nil {
			return err
		}
		err := s.client.Get(ctx, s.key("simple"), &core.ConfigMap{})
		return check.That(read.Data["word"] == "two" && apierrors.IsNotFound(err), "it was %v, and then %v", read.Data, err)
	})
	s.Check("what is there already, absent or wrong is an error of its own", func(ctx context.Context) error {
		object := s.configMap("known", nil, nil)
		if err := s.client.Create(ctx, object); err != nil {
			return err
		}
		again := s.client.Create(ctx, s.configMap("known", nil, nil))
		absent := s.client.Delete(ctx, s.configMap("absent", nil, nil))
		wrong := s.client.Create(ctx, s.configMap("Wrong", nil, nil))
		stale := object.DeepCopy()
		object.Data = map[string]string{"word": "one"}
		if err := s.client.Update(ctx, object); err != nil {
			return err
		}
		conflict := s.client.Update(ctx, stale)
		isSo := client.IgnoreAlreadyExists(again) == nil && client.IgnoreNotFound(absent) == nil && apierrors.IsInvalid(wrong) && apierrors.IsConflict(conflict)
		return check.That(isSo, "the answers were %v, %v, %v, %v", again, absent, wrong, conflict)
	})
	s.Check("lists are selected by labels and fields, and turned in pages", func(ctx context.Context) error {
		for index := range 7 {
			labels := map[string]string{"book": "one", "parity": []string{"even", "odd"}[index%2]}
			if err := s.client.Create(ctx, s.configMap(fmt.Sprintf("page-%d", index), labels, nil)); err != nil {
				return err
			}
		}
		var odd, one, page core.ConfigMapList
		if err := s.client.List(ctx, &odd, client.InNamespace(s.namespace), client.MatchingLabels{"parity": "odd"}, client.HasLabels{"book"}); err != nil {
			return err
		}
		if err := s.client.List(ctx, &one, client.InNamespace(s.namespace), client.MatchingFields{"metadata.name": "page-4"}); err != nil {
			return err
		}
		pages := 0
		seen := map[string]bool{}
		for next := ""; pages == 0 || next != ""; next = page.Continue {
			if err := s.client.List(ctx, &page, client.InNamespace(s.namespace), client.HasLabels{"book"}, client.Limit(3), client.Continue(next)); err != nil {
				return err
			}
			pages++
			for _, item := range page.Items {
				seen[item.Name] = true
			}
		}
		return check.That(len(odd.Items) == 3 && len(one.Items) == 1 && pages == 3 && len(seen) == 7, "%d, %d, %d pages of %v", len(odd.Items), len(one.Items), pages, seen)
	})
	s.Check("a merge patch is made of a difference, and can insist on what was read", func(ctx context.Context) error {
		object := s.configMap("merged", nil, map[string]string{"one": "1", "two": "2"})
		if err := s.client.Create(ctx, object); err != nil {
			return err
		}
		before := object.DeepCopy()
		delete(object.Data, "one")
		object.Data["three"] = "3"
		if err := s.client.Patch(ctx, object, client.MergeFrom(before)); err != nil {
			return err
		}
		stale := before.DeepCopy()
		stale.Data["four"] = "4"
		err := s.client.Patch(ctx, stale, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
		return check.That(maps.Equal(object.Data, map[string]string{"two": "2", "three": "3"}) && apierrors.IsConflict(err), "it is %v, and then %v", object.Data, err)
	})
	s.Check("a strategic merge patch merges containers by name", func(ctx context.Context) error {
		object := s.deployment("strategic", 0)
		if err := s.client.Create(ctx, object); err != nil {
			return err
		}
		before := object.DeepCopy()
		containers := &object.Spec.Template.Spec.Containers
		*containers = append(*containers, core.Container{Name: "log", Image: "log:1"})
		if err := s.client.Patch(ctx, object, client.StrategicMergeFrom(before)); err != nil {
			return err
		}
		return check.Equal("the count of containers", len(object.Spec.Template.Spec.Containers), 2)
	})
	s.Check("a JSON patch is sent as it is", func(ctx context.Context) error {
		object := s.configMap("merged", nil, nil)
		patch := client.RawPatch(types.JSONPatchType, []byte(`[{"op":"test","path":"/data/two","value":"2"},{"op":"remove","path":"/data/two"}]`))
		if err := s.client.Patch(ctx, object, patch); err != nil {
			return err
		}
		return check.Equal("the data", fmt.Sprint(object.Data), "map[three:3]")
	})
	s.Check("server-side apply meets a conflict, and takes ownership", func(ctx context.Context) error {
		applied := func(word string) *applycore.ConfigMapApplyConfiguration {
			return applycore.ConfigMap("applied", s.namespace).WithData(map[string]string{"word": word})
		}
		if err := s.client.Apply(ctx, applied("one"), client.FieldOwner("writer")); err != nil {
			return err
		}
		conflict := s.client.Apply(ctx, applied("two"), client.FieldOwner("rival"))
		if !apierrors.IsConflict(conflict) {
			return fmt.Errorf("the answer was %v", conflict)
		}
		if err := s.client.Apply(ctx, applied("two"), client.FieldOwner("rival"), client.ForceOwnership); err != nil {
			return err
		}
		read := &core.ConfigMap{}
		if err := s.client.Get(ctx, s.key("applied"), read); err != nil {
			return err
		}
		return check.Equal("the word", read.Data["word"], "two")
	})
	s.Check("CreateOrUpdate and CreateOrPatch say what they did", func(ctx context.Context) error {
		var did []controllerutil.OperationResult
		for _, word := range []string{"one", "one", "two"} {
			object := s.configMap("wanted", nil, nil)
			result, err := controllerutil.CreateOrUpdate(ctx, s.client, object, func() error {
				object.Data = map[string]string{"word": word}
				return nil
			})
			if err != nil {
				return err
			}
			did = append(did, result)
		}
		object := s.configMap("wanted", nil, nil)
		result, err := controllerutil.CreateOrPatch(ctx, s.client, object, func() error {
			object.Data["other"] = "three"
			return nil
		})
		if err != nil {
			return err
		}
		return check.Equal("what they did", fmt.Sprint(append(did, result)), "[created unchanged updated updated]")
	})
	s.Check("a dry run stores nothing", func(ctx context.Context) error {
		object := s.configMap("dry", nil, nil)
		if err := client.NewDryRunClient(s.client).Create(ctx, object); err != nil {
			return err
		}
		err := s.client.Get(ctx, s.key("dry"), &core.ConfigMap{})
		return check.That(object.UID != "" && apierrors.IsNotFound(err), "it is there: %v", err)
	})
	s.Check("an unknown field is refused where validation is strict", func(ctx context.Context) error {
		object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "dta": map[string]any{}}}
		object.SetName("strict")
		object.SetNamespace(s.namespace)
		err := client.WithFieldValidation(s.client, client.FieldValidation(meta.FieldValidationStrict)).Create(ctx, object)
		return check.That(apierrors.IsBadRequest(err), "the answer was %v", err)
	})
	s.Check("objects without a type and bare metadata are read", func(ctx context.Context) error {
		kind := apps.SchemeGroupVersion.WithKind("Deployment")
		object, partial := &unstructured.Unstructured{}, &meta.PartialObjectMetadata{}
		object.SetGroupVersionKind(kind)
		partial.SetGroupVersionKind(kind)
		if err := s.client.Get(ctx, s.key("strategic"), object); err != nil {
			return err
		}
		if err := s.client.Get(ctx, s.key("strategic"), partial); err != nil {
			return err
		}
		replicas, _, err := unstructured.NestedInt64(object.Object, "spec", "replicas")
		return check.That(err == nil && replicas == 0 && partial.UID == object.GetUID(), "they are %v and %v", object, partial)
	})
	s.Check("a kind that is not served has no match", func(ctx context.Context) error {
		object := &unstructured.Unstructured{}
		object.SetGroupVersionKind(schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Unheard"})
		err := s.client.Get(ctx, s.key("any"), object)
		return check.That(apimeta.IsNoMatchError(err), "the answer was %v", err)
	})
	s.Check("the client watches", func(ctx context.Context) error {
		watching, err := s.client.Watch(ctx, &core.ConfigMapList{}, client.InNamespace(s.namespace), client.MatchingLabels{"parity": "odd"})
		if err != nil {
			return err
		}
		defer watching.Stop()
		var names []string
		for event := range watching.ResultChan() {
			if event.Type != watch.Added {
				return fmt.Errorf("it heard %v", event)
			}
			names = append(names, event.Object.(*core.ConfigMap).Name)
			if len(names) == 3 {
				break
			}
		}
		slices.Sort(names)
		return check.Equal("what it heard", fmt.Sprint(names), "[page-1 page-3 page-5]")
	})
	s.Check("all that match are deleted", func(ctx context.Context) error {
		if err := s.client.DeleteAllOf(ctx, &core.ConfigMap{}, client.InNamespace(s.namespace), client.MatchingLabels{"parity": "odd"}); err != nil {
			return err
		}
		var rest core.ConfigMapList
		if err := s.client.List(ctx, &rest, client.InNamespace(s.namespace), client.HasLabels{"book"}); err != nil {
			return err
		}
		return check.Equal("the count of the rest", len(rest.Items), 4)
	})
	s.Check("a delete insists on a uid", func(ctx context.Context) error {
		err := s.client.Delete(ctx, s.configMap("merged", nil, nil), client.Preconditions{UID: pointer(types.UID("another"))})
		return check.That(apierrors.IsConflict(err), "the answer was %v", err)
	})
}

func (s *story) useSubresources() {
	s.Check("a status is patched apart from the spec", func(ctx context.Context) error {
		object := s.deployment("stated", 0)
		if err := s.client.Create(ctx, object); err != nil {
			return err
		}
		before := object.DeepCopy()
		object.Spec.Replicas = pointer[int32](7)
		object.Status.Conditions = []apps.DeploymentCondition{{Type: "Tested", Status: core.ConditionTrue}}
		if err := s.client.Status().Patch(ctx, object, client.MergeFrom(before)); err != nil {
			return err
		}
		return check.That(*object.Spec.Replicas == 0 && object.Status.Conditions[0].Type == "Tested", "it is %v", object)
	})
	s.Check("a scale is read and written", func(ctx context.Context) error {
		object, scale := s.deployment("scaled", 0), &autoscaling.Scale{}
		if err := s.client.Create(ctx, object); err != nil {
			return err
		}
		// The controller may write the status in between.
		err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
			if err := s.client.SubResource("scale").Get(ctx, object, scale); err != nil {
				return err
			}
			scale.Spec.Replicas = 1
			return s.client.SubResource("scale").Update(ctx, object, client.WithSubResourceBody(scale))
		})
		if err != nil {
			return err
		}
		return check.Eventually(ctx, func() error {
			if err := s.client.Get(ctx, s.key("scaled"), object); err != nil {
				return err
			}
			return check.Equal("the count of ready replicas", object.Status.ReadyReplicas, 1)
		})
	})
	s.Check("a service account is given a token", func(ctx context.Context) error {
		account := &core.ServiceAccount{ObjectMeta: s.named("robot")}
		if err := s.client.Create(ctx, account); err != nil {
			return err
		}
		token := &authentication.TokenRequest{}
		if err := s.client.SubResource("token").Create(ctx, account, token); err != nil {
			return err
		}
		return check.That(token.Status.Token != "", "there is no token")
	})
	s.Check("a pod is not evicted below its budget", func(ctx context.Context) error {
		one := intstr.FromInt32(1)
		budget := &policy.PodDisruptionBudget{ObjectMeta: s.named("scaled"), Spec: policy.PodDisruptionBudgetSpec{
			MinAvailable: &one, Selector: &meta.LabelSelector{MatchLabels: map[string]string{"app": "scaled"}},
		}}
		if err := s.client.Create(ctx, budget); err != nil {
			return err
		}
		err := check.Eventually(ctx, func() error {
			if err := s.client.Get(ctx, s.key("scaled"), budget); err != nil {
				return err
			}
			return check.Equal("the count of healthy pods", budget.Status.CurrentHealthy, 1)
		})
		if err != nil {
			return err
		}
		var pods core.PodList
		if err = s.client.List(ctx, &pods, client.InNamespace(s.namespace), client.MatchingLabels{"app": "scaled"}); err != nil {
			return err
		}
		err = s.client.SubResource("eviction").Create(ctx, &pods.Items[0], &policy.Eviction{})
		return check.That(apierrors.IsTooManyRequests(err), "the answer was %v", err)
	})
}

func (s *story) deployment(name string, replicas int32) *apps.Deployment {
	labels := map[string]string{"app": name}
	return &apps.Deployment{
		ObjectMeta: s.named(name),
		Spec: apps.DeploymentSpec{
			Replicas: &replicas,
			Selector: &meta.LabelSelector{MatchLabels: labels},
			Template: core.PodTemplateSpec{
				ObjectMeta: meta.ObjectMeta{Labels: labels},
				Spec:       core.PodSpec{Containers: []core.Container{{Name: "web", Image: "nginx:1"}}},
			},
		},
	}
}
