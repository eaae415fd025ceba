// Three kinds of patch, and server-side apply with apply configurations.
package main

import (
	"context"
	"fmt"
	"strings"

	"example.com/kubedouble-clients/check"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	applyapps "k8s.io/client-go/applyconfigurations/apps/v1"
	applycore "k8s.io/client-go/applyconfigurations/core/v1"
	applymeta "k8s.io/client-go/applyconfigurations/meta/v1"
)

func (s *story) patch() {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	deployments := s.client.AppsV1().Deployments(s.namespace)
	s.Check("a JSON patch tests, adds and removes", func(ctx context.Context) error {
		if _, err := configMaps.Create(ctx, configMap("patched", map[string]string{"one": "1", "two": "2"}), meta.CreateOptions{}); err != nil {
			return err
		}
		body := `[{"op":"test","path":"/data/one","value":"1"},{"op":"add","path":"/data/three","value":"3"},{"op":"remove","path":"/data/two"}]`
		made, err := configMaps.Patch(ctx, "patched", types.JSONPatchType, []byte(body), meta.PatchOptions{})
		if err != nil {
			return err
		}
		return check.Equal("the data", fmt.Sprint(made.Data), "map[one:1 three:3]")
	})
	s.Check("a JSON patch whose test fails changes nothing", func(ctx context.Context) error {
		body := `[{"op":"test","path":"/data/one","value":"7"},{"op":"remove","path":"/data/one"}]`
		_, err := configMaps.Patch(ctx, "patched", types.JSONPatchType, []byte(body), meta.PatchOptions{})
		return check.That(apierrors.IsInvalid(err), "the answer was %v", err)
	})
	s.Check("a merge patch removes with null and replaces lists", func(ctx context.Context) error {
		made, err := configMaps.Patch(ctx, "patched", types.MergePatchType, []byte(`{"data":{"one":null,"four":"4"}}`), meta.PatchOptions{})
		if err != nil {
			return err
		}
		return check.Equal("the data", fmt.Sprint(made.Data), "map[four:4 three:3]")
	})
	s.Check("a strategic merge patch merges containers by name", func(ctx context.Context) error {
		body := `{"spec":{"template":{"spec":{"containers":[{"name":"log","image":"log:1"},{"name":"web","image":"nginx:2"}]}}}}`
		made, err := deployments.Patch(ctx, "web", types.StrategicMergePatchType, []byte(body), meta.PatchOptions{})
		if err != nil {
			return err
		}
		images := map[string]string{}
		for _, container := range made.Spec.Template.Spec.Containers {
			images[container.Name] = container.Image
		}
		return check.Equal("the containers", fmt.Sprint(images), "map[log:log:1 web:nginx:2]")
	})
	s.Check("a strategic merge patch deletes a container", func(ctx context.Context) error {
		body := `{"spec":{"template":{"spec":{"containers":[{"name":"log","$patch":"delete"}]}}}}`
		made, err := deployments.Patch(ctx, "web", types.StrategicMergePatchType, []byte(body), meta.PatchOptions{})
		if err != nil {
			return err
		}
		containers := made.Spec.Template.Spec.Containers
		return check.That(len(containers) == 1 && containers[0].Ports[0].ContainerPort == 80, "the containers are %v", containers)
	})
	s.Check("a patch with an old resourceVersion is a Conflict", func(ctx context.Context) error {
		_, err := configMaps.Patch(ctx, "patched", types.MergePatchType, []byte(`{"metadata":{"resourceVersion":"1"},"data":{"five":"5"}}`), meta.PatchOptions{})
		return check.That(apierrors.IsConflict(err), "the answer was %v", err)
	})
	s.Check("the metadata client patches labels", func(ctx context.Context) error {
		resource := s.metadata.Resource(core.SchemeGroupVersion.WithResource("configmaps")).Namespace(s.namespace)
		made, err := resource.Patch(ctx, "patched", types.MergePatchType, []byte(`{"metadata":{"labels":{"tier":"back"}}}`), meta.PatchOptions{})
		if err != nil {
			return err
		}
		return check.Equal("the label", made.Labels["tier"], "back")
	})
}

func (s *story) apply() {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	applied := func(data map[string]string) *applycore.ConfigMapApplyConfiguration {
		return applycore.ConfigMap("applied", s.namespace).WithData(data)
	}
	s.Check("apply creates, and says who owns what", func(ctx context.Context) error {
		made, err := configMaps.Apply(ctx, applied(map[string]string{"one": "1", "two": "2"}), meta.ApplyOptions{FieldManager: "writer"})
		if err != nil {
			return err
		}
		return check.That(len(made.ManagedFields) == 1 && made.ManagedFields[0].Manager == "writer" && made.ManagedFields[0].Operation == meta.ManagedFieldsOperationApply, "the managers are %v", made.ManagedFields)
	})
	s.Check("applying the same again changes nothing", func(ctx context.Context) error {
		before, err := configMaps.Get(ctx, "applied", meta.GetOptions{})
		if err != nil {
			return err
		}
		after, err := configMaps.Apply(ctx, applied(map[string]string{"one": "1", "two": "2"}), meta.ApplyOptions{FieldManager: "writer"})
		if err != nil {
			return err
		}
		return check.Equal("the resourceVersion", after.ResourceVersion, before.ResourceVersion)
	})
	s.Check("what is applied no more goes away", func(ctx context.Context) error {
		made, err := configMaps.Apply(ctx, applied(map[string]string{"one": "1"}), meta.ApplyOptions{FieldManager: "writer"})
		if err != nil {
			return err
		}
		return check.Equal("the data", fmt.Sprint(made.Data), "map[one:1]")
	})
	s.Check("another owner's field is a Conflict that names both", func(ctx context.Context) error {
		_, err := configMaps.Apply(ctx, applied(map[string]string{"one": "other"}), meta.ApplyOptions{FieldManager: "rival"})
		if !apierrors.IsConflict(err) {
			return fmt.Errorf("the answer was %v", err)
		}
		causes := statusOf(err).Details.Causes
		return check.That(len(causes) == 1 && causes[0].Type == meta.CauseTypeFieldManagerConflict && causes[0].Field == ".data.one" && strings.Contains(causes[0].Message, `"writer"`), "the causes are %v", causes)
	})
	s.Check("force takes the field over", func(ctx context.Context) error {
		made, err := configMaps.Apply(ctx, applied(map[string]string{"one": "other"}), meta.ApplyOptions{FieldManager: "rival", Force: true})
		if err != nil {
			return err
		}
		_, err = configMaps.Apply(ctx, applied(map[string]string{"one": "1"}), meta.ApplyOptions{FieldManager: "writer"})
		return check.That(made.Data["one"] == "other" && apierrors.IsConflict(err), "it is %v, and then %v", made.Data, err)
	})
	s.Check("what a manager applied is extracted, changed and applied again", func(ctx context.Context) error {
		read, err := configMaps.Get(ctx, "applied", meta.GetOptions{})
		if err != nil {
			return err
		}
		extracted, err := applycore.ExtractConfigMap(read, "rival")
		if err != nil {
			return err
		}
		made, err := configMaps.Apply(ctx, extracted.WithData(map[string]string{"three": "3"}), meta.ApplyOptions{FieldManager: "rival"})
		if err != nil {
			return err
		}
		return check.Equal("the data", fmt.Sprint(made.Data), "map[one:other three:3]")
	})
	s.Check("a Deployment is applied by two managers, each with its part", func(ctx context.Context) error {
		deployments := s.client.AppsV1().Deployments(s.namespace)
		labels := map[string]string{"app": "applied"}
		container := applycore.Container().WithName("web").WithImage("nginx:1").WithPorts(applycore.ContainerPort().WithContainerPort(80))
		template := applycore.PodTemplateSpec().WithLabels(labels).WithSpec(applycore.PodSpec().WithContainers(container))
		whole := applyapps.Deployment("applied", s.namespace).WithSpec(applyapps.DeploymentSpec().WithSelector(applymeta.LabelSelector().WithMatchLabels(labels)).WithTemplate(template))
		if _, err := deployments.Apply(ctx, whole, meta.ApplyOptions{FieldManager: "writer"}); err != nil {
			return err
		}
		part := applyapps.Deployment("applied", s.namespace).WithSpec(applyapps.DeploymentSpec().WithReplicas(3))
		if _, err := deployments.Apply(ctx, part, meta.ApplyOptions{FieldManager: "scaler"}); err != nil {
			// One replica is a default, and nobody's.
			return err
		}
		made, err := deployments.Apply(ctx, whole, meta.ApplyOptions{FieldManager: "writer"})
		if err != nil {
			return err
		}
		return check.That(*made.Spec.Replicas == 3 && made.Spec.Template.Spec.Containers[0].Image == "nginx:1", "the spec is %v", made.Spec)
	})
	s.Check("a status is applied", func(ctx context.Context) error {
		condition := applyapps.DeploymentCondition().WithType("Applied").WithStatus(core.ConditionTrue)
		part := applyapps.Deployment("applied", s.namespace).WithStatus(applyapps.DeploymentStatus().WithConditions(condition))
		made, err := s.client.AppsV1().Deployments(s.namespace).ApplyStatus(ctx, part, meta.ApplyOptions{FieldManager: "observer"})
		if err != nil {
			return err
		}
		for _, condition := range made.Status.Conditions {
			if condition.Type == apps.DeploymentConditionType("Applied") {
				return nil
			}
		}
		return fmt.Errorf("the conditions are %v", made.Status.Conditions)
	})
	s.Check("the dynamic client applies", func(ctx context.Context) error {
		object := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "applied"}, "data": map[string]any{"four": "4"},
		}}
		resource := s.dynamic.Resource(core.SchemeGroupVersion.WithResource("configmaps")).Namespace(s.namespace)
		made, err := resource.Apply(ctx, "applied", object, meta.ApplyOptions{FieldManager: "dynamic"})
		if err != nil {
			return err
		}
		data, _, err := unstructured.NestedStringMap(made.Object, "data")
		if err != nil {
			return err
		}
		return check.Equal("the data", fmt.Sprint(data), "map[four:4 one:other three:3]")
	})
}
