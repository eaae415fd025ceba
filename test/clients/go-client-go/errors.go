// What is refused comes back as the errors that client-go knows.
package main

import (
	"context"
	"errors"
	"fmt"

	"example.com/kubedouble-clients/check"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func (s *story) meetErrors() {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	s.Check("what is absent is NotFound, with its kind and name", func(ctx context.Context) error {
		_, err := configMaps.Get(ctx, "absent", meta.GetOptions{})
		if !apierrors.IsNotFound(err) {
			return fmt.Errorf("the answer was %v", err)
		}
		details := statusOf(err).Details
		return check.That(details.Kind == "configmaps" && details.Name == "absent", "the details are %v", details)
	})
	s.Check("what is there already is AlreadyExists", func(ctx context.Context) error {
		_, err := configMaps.Create(ctx, configMap("first", nil), meta.CreateOptions{})
		return check.That(apierrors.IsAlreadyExists(err), "the answer was %v", err)
	})
	s.Check("what is wrong is Invalid, with a cause for each field", func(ctx context.Context) error {
		wrong := service("Wrong")
		wrong.Spec.Ports = []core.ServicePort{{Name: "same", Port: 0}, {Name: "same", Port: 70000}}
		_, err := s.client.CoreV1().Services(s.namespace).Create(ctx, wrong, meta.CreateOptions{})
		if !apierrors.IsInvalid(err) {
			return fmt.Errorf("the answer was %v", err)
		}
		for _, field := range []string{"metadata.name", "spec.ports[0].port", "spec.ports[1].port", "spec.ports[1].name"} {
			if !hasCause(err, field) {
				return fmt.Errorf("no cause names %s: %v", field, err)
			}
		}
		return nil
	})
	s.Check("a Deployment that does not select its pods is Invalid", func(ctx context.Context) error {
		wrong := deployment("wrong", 1)
		wrong.Spec.Template.Labels = map[string]string{"app": "other"}
		_, err := s.client.AppsV1().Deployments(s.namespace).Create(ctx, wrong, meta.CreateOptions{})
		return check.That(apierrors.IsInvalid(err) && hasCause(err, "spec.template.metadata.labels"), "the answer was %v", err)
	})
	s.Check("what is immutable stays", func(ctx context.Context) error {
		fixed := configMap("fixed", map[string]string{"word": "one"})
		fixed.Immutable = pointer(true)
		made, err := configMaps.Create(ctx, fixed, meta.CreateOptions{})
		if err != nil {
			return err
		}
		made.Data["word"] = "two"
		_, err = configMaps.Update(ctx, made, meta.UpdateOptions{})
		return check.That(apierrors.IsInvalid(err) && hasCause(err, "data"), "the answer was %v", err)
	})
	s.Check("another namespace than that of the request is a BadRequest", func(ctx context.Context) error {
		stray := configMap("stray", nil)
		stray.Namespace = "elsewhere"
		_, err := configMaps.Create(ctx, stray, meta.CreateOptions{})
		return check.That(apierrors.IsBadRequest(err), "the answer was %v", err)
	})
	s.Check("a namespace that is absent takes nothing in", func(ctx context.Context) error {
		_, err := s.client.CoreV1().ConfigMaps("absent").Create(ctx, configMap("stray", nil), meta.CreateOptions{})
		return check.That(apierrors.IsNotFound(err) && statusOf(err).Details.Kind == "namespaces", "the answer was %v", err)
	})
	s.Check("an unknown field is refused where validation is strict", func(ctx context.Context) error {
		object := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "strict"}, "dta": map[string]any{"word": "one"},
		}}
		resource := s.dynamic.Resource(core.SchemeGroupVersion.WithResource("configmaps")).Namespace(s.namespace)
		_, err := resource.Create(ctx, object, meta.CreateOptions{FieldValidation: meta.FieldValidationStrict})
		return check.That(apierrors.IsBadRequest(err), "the answer was %v", err)
	})
	s.Check("an unknown kind of patch is an unsupported media type", func(ctx context.Context) error {
		_, err := configMaps.Patch(ctx, "first", types.PatchType("application/unheard-of"), []byte("{}"), meta.PatchOptions{})
		return check.That(apierrors.IsUnsupportedMediaType(err), "the answer was %v", err)
	})
	s.Check("a verb that a resource lacks is MethodNotSupported", func(ctx context.Context) error {
		err := s.client.CoreV1().RESTClient().Delete().Resource("namespaces").Do(ctx).Error()
		return check.That(apierrors.IsMethodNotSupported(err), "the answer was %v", err)
	})
	s.Check("an object of several mebibytes is too large", func(ctx context.Context) error {
		_, err := configMaps.Create(ctx, configMap("large", map[string]string{"data": string(make([]byte, 4<<20))}), meta.CreateOptions{})
		return check.That(apierrors.IsRequestEntityTooLargeError(err), "the answer was %v", err)
	})
	s.Check("a warning reaches the handler", func(ctx context.Context) error {
		var heard warnings
		config := rest.CopyConfig(s.config)
		config.WarningHandler = &heard
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		if _, err = client.CoreV1().Endpoints(s.namespace).List(ctx, meta.ListOptions{}); err != nil {
			return err
		}
		return check.That(len(heard) == 1 && heard[0] == "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice", "it heard %v", heard)
	})
}

type warnings []string

func (w *warnings) HandleWarningHeader(_ int, _ string, text string) { *w = append(*w, text) }

func statusOf(err error) meta.Status {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return meta.Status{Details: &meta.StatusDetails{}}
	}
	found := status.Status()
	if found.Details == nil {
		found.Details = &meta.StatusDetails{}
	}
	return found
}

func hasCause(err error, field string) bool {
	for _, cause := range statusOf(err).Details.Causes {
		if cause.Field == field {
			return true
		}
	}
	return false
}
