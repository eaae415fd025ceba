// Selectors and pages.
package main

import (
	"context"
	"fmt"

	"example.com/kubedouble-clients/check"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/pager"
)

func (s *story) listInPages() {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	s.Check("ten ConfigMaps are listed in protobuf", func(ctx context.Context) error {
		for index, name := range numbered("page", 10) {
			parity := []string{"even", "odd"}[index%2]
			object := labelledConfigMap(name, map[string]string{"book": "one", "parity": parity})
			if _, err := configMaps.Create(ctx, object, meta.CreateOptions{}); err != nil {
				return err
			}
		}
		exchanges, err := s.traffic.during("/configmaps", func() error {
			list, err := configMaps.List(ctx, meta.ListOptions{LabelSelector: "book=one"})
			if err != nil {
				return err
			}
			return check.That(len(list.Items) == 10 && list.ResourceVersion != "", "the list has %d", len(list.Items))
		})
		if err != nil {
			return err
		}
		return check.Equal("the media type", exchanges[0].received, protobuf)
	})
	for _, selection := range []struct {
		labels string
		count  int
	}{
		{"book=one,parity=odd", 5},
		{"book=one,parity!=odd", 5},
		{"book,parity in (odd,even)", 10},
		{"book=one,parity notin (odd)", 5},
		{"book=one,!parity", 0},
	} {
		s.Check(fmt.Sprintf("labels select: %s", selection.labels), func(ctx context.Context) error {
			if _, err := labels.Parse(selection.labels); err != nil {
				return err
			}
			list, err := configMaps.List(ctx, meta.ListOptions{LabelSelector: selection.labels})
			if err != nil {
				return err
			}
			return check.Equal("the count", len(list.Items), selection.count)
		})
	}
	s.Check("fields select by name, and by what a kind offers", func(ctx context.Context) error {
		byName, err := configMaps.List(ctx, meta.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", "page-03").String()})
		if err != nil {
			return err
		}
		byType, err := s.client.CoreV1().Secrets(s.namespace).List(ctx, meta.ListOptions{FieldSelector: "type=" + string(core.SecretTypeOpaque)})
		if err != nil {
			return err
		}
		return check.That(len(byName.Items) == 1 && len(byType.Items) == 1 && byType.Items[0].Name == "dynamic", "they are %v and %v", byName.Items, byType.Items)
	})
	s.Check("a field that nothing selects by is a BadRequest", func(ctx context.Context) error {
		_, err := configMaps.List(ctx, meta.ListOptions{FieldSelector: "data.word=one"})
		return check.That(apierrors.IsBadRequest(err), "the answer was %v", err)
	})
	s.Check("pages of one list stand at one revision", func(ctx context.Context) error {
		first, err := configMaps.List(ctx, meta.ListOptions{LabelSelector: "book", Limit: 4})
		if err != nil {
			return err
		}
		if _, err = configMaps.Create(ctx, labelledConfigMap("page-99", map[string]string{"book": "one"}), meta.CreateOptions{}); err != nil {
			return err
		}
		rest, err := configMaps.List(ctx, meta.ListOptions{LabelSelector: "book", Limit: 50, Continue: first.Continue})
		if err != nil {
			return err
		}
		return check.That(len(first.Items) == 4 && len(rest.Items) == 6 && rest.Continue == "" && rest.ResourceVersion == first.ResourceVersion, "the pages have %d at %s and %d at %s", len(first.Items), first.ResourceVersion, len(rest.Items), rest.ResourceVersion)
	})
	s.Check("a page says how many remain", func(ctx context.Context) error {
		list, err := configMaps.List(ctx, meta.ListOptions{Limit: 4})
		if err != nil {
			return err
		}
		whole, err := configMaps.List(ctx, meta.ListOptions{})
		if err != nil {
			return err
		}
		return check.That(list.RemainingItemCount != nil && int(*list.RemainingItemCount) == len(whole.Items)-4, "%v remain of %d", list.RemainingItemCount, len(whole.Items))
	})
	s.Check("the pager turns all pages", func(ctx context.Context) error {
		seen := map[string]bool{}
		turner := pager.New(func(ctx context.Context, options meta.ListOptions) (runtime.Object, error) {
			return configMaps.List(ctx, options)
		})
		turner.PageSize = 3
		exchanges, err := s.traffic.during("/configmaps", func() error {
			return turner.EachListItem(ctx, meta.ListOptions{LabelSelector: "book"}, func(object runtime.Object) error {
				seen[object.(*core.ConfigMap).Name] = true
				return nil
			})
		})
		if err != nil {
			return err
		}
		return check.That(len(seen) == 11 && len(exchanges) == 4, "%d were seen in %d pages", len(seen), len(exchanges))
	})
	s.Check("a continue token that is none is a BadRequest", func(ctx context.Context) error {
		_, err := configMaps.List(ctx, meta.ListOptions{Limit: 3, Continue: "none"})
		return check.That(apierrors.IsBadRequest(err), "the answer was %v", err)
	})
	s.Check("the dynamic client lists in pages too", func(ctx context.Context) error {
		resource := s.dynamic.Resource(core.SchemeGroupVersion.WithResource("configmaps")).Namespace(s.namespace)
		first, err := resource.List(ctx, meta.ListOptions{LabelSelector: "book", Limit: 6})
		if err != nil {
			return err
		}
		second, err := resource.List(ctx, meta.ListOptions{LabelSelector: "book", Limit: 6, Continue: first.GetContinue()})
		if err != nil {
			return err
		}
		return check.That(len(first.Items) == 6 && len(second.Items) == 5 && first.Items[0].GetKind() == "ConfigMap", "the pages have %d and %d", len(first.Items), len(second.Items))
	})
}
