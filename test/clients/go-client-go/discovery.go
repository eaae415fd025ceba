// What the server offers, as clients find out.
package main

import (
	"context"
	"fmt"
	"slices"

	"example.com/kubedouble-clients/check"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/openapi"
	"k8s.io/client-go/restmapper"
)

func (s *story) discover() {
	client := s.client.Discovery()
	s.Check("the server says its version", func(context.Context) error {
		version, err := client.ServerVersion()
		if err != nil {
			return err
		}
		return check.That(version.Major == "1" && version.Minor == "35", "it is %v", version)
	})
	s.Check("groups and resources come with one request a path", func(context.Context) error {
		mark := s.traffic.mark()
		groups, resources, err := client.ServerGroupsAndResources()
		if err != nil {
			return err
		}
		exchanges := s.traffic.since(mark, "")
		hasApps := slices.ContainsFunc(resources, func(list *metav1.APIResourceList) bool { return list.GroupVersion == apps.SchemeGroupVersion.String() })
		return check.That(len(groups) > 15 && hasApps && len(exchanges) == 2, "there are %d groups, by %d requests", len(groups), len(exchanges))
	})
	s.Check("the preferred version of a resource is found", func(context.Context) error {
		lists, err := client.ServerPreferredNamespacedResources()
		if err != nil {
			return err
		}
		found := discovery.FilteredBy(discovery.SupportsAllVerbs{Verbs: []string{"list", "watch"}}, lists)
		versions, err := discovery.GroupVersionResources(found)
		if err != nil {
			return err
		}
		_, hasScalers := versions[schema.GroupVersionResource{Group: "autoscaling", Version: "v2", Resource: "horizontalpodautoscalers"}]
		_, hasBindings := versions[core.SchemeGroupVersion.WithResource("bindings")]
		return check.That(hasScalers && !hasBindings, "they are %v", versions)
	})
	s.Check("a resource that is absent is not enabled", func(context.Context) error {
		isThere, err := discovery.IsResourceEnabled(client, core.SchemeGroupVersion.WithResource("pods"))
		if err != nil {
			return err
		}
		isUnheardOf, err := discovery.IsResourceEnabled(client, core.SchemeGroupVersion.WithResource("unheardofs"))
		return check.That(err == nil && isThere && !isUnheardOf, "pods %v, unheardofs %v, %v", isThere, isUnheardOf, err)
	})
	s.Check("the REST mapper knows kinds, resources, scopes and short names", func(context.Context) error {
		cached := memory.NewMemCacheClient(client)
		mapper := restmapper.NewShortcutExpander(restmapper.NewDeferredDiscoveryRESTMapper(cached), cached, nil)
		kind, err := mapper.KindFor(schema.GroupVersionResource{Resource: "deploy"})
		if err != nil {
			return err
		}
		mapping, err := mapper.RESTMapping(core.SchemeGroupVersion.WithKind("Node").GroupKind())
		if err != nil {
			return err
		}
		return check.That(kind == apps.SchemeGroupVersion.WithKind("Deployment") && mapping.Resource.Resource == "nodes" && mapping.Scope.Name() == meta.RESTScopeNameRoot, "they are %v and %v", kind, mapping)
	})
	s.Check("the OpenAPI v2 document is read", func(context.Context) error {
		document, err := client.OpenAPISchema()
		if err != nil {
			return err
		}
		return check.That(document.Info.Title == "Kubernetes" && len(document.Definitions.AdditionalProperties) > 500, "there are %d definitions", len(document.Definitions.AdditionalProperties))
	})
	s.Check("the OpenAPI v3 document of a group is read", func(context.Context) error {
		paths, err := client.OpenAPIV3().Paths()
		if err != nil {
			return err
		}
		group, isThere := paths["apis/apps/v1"]
		if !isThere {
			return fmt.Errorf("the paths are %v", paths)
		}
		document, err := group.Schema(openapi.ContentTypeOpenAPIV3PB)
		if err != nil {
			return err
		}
		return check.That(len(document) > 10_000, "it has %d bytes", len(document))
	})
}
