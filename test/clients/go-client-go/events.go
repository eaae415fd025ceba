// Events, recorded with the older and the newer recorder, the repeated ones as a count or a series.
package main

import (
	"context"
	"fmt"

	"example.com/kubedouble-clients/check"
	core "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/record"
)

func (s *story) recordEvents() {
	s.Check("the recorder of core events counts what repeats", func(ctx context.Context) error {
		broadcaster := record.NewBroadcaster()
		defer broadcaster.Shutdown()
		broadcaster.StartRecordingToSink(&typedcore.EventSinkImpl{Interface: s.client.CoreV1().Events(s.namespace)})
		recorder := broadcaster.NewRecorder(scheme.Scheme, core.EventSource{Component: "story"})
		object, err := s.client.CoreV1().ConfigMaps(s.namespace).Get(ctx, "first", meta.GetOptions{})
		if err != nil {
			return err
		}
		for range 3 {
			recorder.Eventf(object, core.EventTypeNormal, "Told", "the story of %s", object.Name)
		}
		return check.Eventually(ctx, func() error {
			list, err := s.client.CoreV1().Events(s.namespace).List(ctx, meta.ListOptions{FieldSelector: "reason=Told"})
			if err != nil {
				return err
			}
			if len(list.Items) != 1 {
				return fmt.Errorf("there are %d", len(list.Items))
			}
			found := list.Items[0]
			return check.That(found.Count == 3 && found.Message == "the story of first" && found.InvolvedObject.UID == object.UID && found.Source.Component == "story", "it is %v", found)
		})
	})
	s.Check("the recorder of events.k8s.io makes a series of what repeats", func(ctx context.Context) error {
		stop := make(chan struct{})
		defer close(stop)
		broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: s.client.EventsV1()})
		defer broadcaster.Shutdown()
		broadcaster.StartRecordingToSink(stop)
		recorder := broadcaster.NewRecorder(scheme.Scheme, "example.com/story")
		var object runtime.Object
		object, err := s.client.CoreV1().Services(s.namespace).Get(ctx, "web", meta.GetOptions{})
		if err != nil {
			return err
		}
		return check.Eventually(ctx, func() error {
			recorder.Eventf(object, nil, core.EventTypeWarning, "Retold", "Telling", "the same again")
			list, err := s.client.EventsV1().Events(s.namespace).List(ctx, meta.ListOptions{FieldSelector: "reason=Retold"})
			if err != nil {
				return err
			}
			if len(list.Items) != 1 {
				return fmt.Errorf("there are %d", len(list.Items))
			}
			return check.That(isSeries(list.Items[0]), "it is %v", list.Items[0])
		})
	})
	s.Check("events of both groups are the same objects", func(ctx context.Context) error {
		list, err := s.client.CoreV1().Events(s.namespace).List(ctx, meta.ListOptions{FieldSelector: "reason=Retold"})
		if err != nil {
			return err
		}
		return check.That(len(list.Items) == 1 && list.Items[0].InvolvedObject.Kind == "Service" && list.Items[0].ReportingController == "example.com/story", "they are %v", list.Items)
	})
}

func isSeries(event eventsv1.Event) bool {
	return event.Series != nil && event.Series.Count >= 2 && event.Action == "Telling" && event.Regarding.Name == "web" && event.Type == core.EventTypeWarning
}
