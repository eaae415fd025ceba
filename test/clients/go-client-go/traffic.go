// What goes over the wire, noted so that a check can tell how an answer came about; and a line that can be cut.
package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"k8s.io/client-go/rest"
)

const protobuf = "application/vnd.kubernetes.protobuf"

type exchange struct {
	method, path, sent, received string
	query                        url.Values
	status                       int
}

type traffic struct {
	mutex     sync.Mutex
	exchanges []exchange
}

// of is a copy of a configuration whose requests are noted.
func (t *traffic) of(config *rest.Config) *rest.Config {
	noted := rest.CopyConfig(config)
	noted.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			response, err := next.RoundTrip(request)
			if err == nil {
				t.note(request, response)
			}
			return response, err
		})
	})
	return noted
}

func (t *traffic) note(request *http.Request, response *http.Response) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.exchanges = append(t.exchanges, exchange{
		method:   request.Method,
		path:     request.URL.Path,
		query:    request.URL.Query(),
		status:   response.StatusCode,
		sent:     request.Header.Get("Content-Type"),
		received: response.Header.Get("Content-Type"),
	})
}

// mark is a moment to look back to.
func (t *traffic) mark() int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return len(t.exchanges)
}

// since is what was exchanged after a moment, of the paths that end so.
func (t *traffic) since(mark int, suffix string) []exchange {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	var found []exchange
	for _, one := range t.exchanges[mark:] {
		if strings.HasSuffix(one.path, suffix) {
			found = append(found, one)
		}
	}
	return found
}

func (t *traffic) during(suffix string, run func() error) ([]exchange, error) {
	mark := t.mark()
	err := run()
	return t.since(mark, suffix), err
}

// line is a connection to the server that a check cuts and mends, as a network does.
type line struct {
	mutex  sync.Mutex
	isCut  bool
	hangUp []context.CancelFunc
}

func (l *line) of(config *rest.Config) *rest.Config {
	held := rest.CopyConfig(config)
	held.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			ctx, hangUp := context.WithCancel(request.Context())
			l.mutex.Lock()
			isCut := l.isCut
			l.hangUp = append(l.hangUp, hangUp)
			l.mutex.Unlock()
			if isCut {
				return nil, errors.New("the line is cut")
			}
			return next.RoundTrip(request.WithContext(ctx))
		})
	})
	return held
}

// cut ends every open answer, and lets no request through.
func (l *line) cut() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.isCut = true
	for _, hangUp := range l.hangUp {
		hangUp()
	}
	l.hangUp = nil
}

func (l *line) mend() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.isCut = false
}

type roundTripper func(*http.Request) (*http.Response, error)

func (trip roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	return trip(request)
}
