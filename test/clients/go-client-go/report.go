// What is printed: one line a check.
package main

import (
	"context"
	"fmt"
	"time"
)

// checkTimeout ends what waits for something that never comes.
const checkTimeout = 30 * time.Second

type report struct{ failed int }

// check prints `ok <sentence>`, or `not ok` with the reason. A panic fails one check, not the program.
func (r *report) check(sentence string, probe func(ctx context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	if err := guarded(ctx, probe); err != nil {
		r.failed++
		fmt.Printf("not ok %s: %v\n", sentence, err)
		return
	}
	fmt.Printf("ok %s\n", sentence)
}

func guarded(ctx context.Context, probe func(ctx context.Context) error) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v", reason)
		}
	}()
	return probe(ctx)
}

// want is nil when a claim holds.
func want(holds bool, format string, args ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// wantEqual names what was got and what was wanted.
func wantEqual[T comparable](what string, got, wanted T) error {
	return want(got == wanted, "%s is %v, wanted %v", what, got, wanted)
}

// eventually asks again until the claim holds or the check runs out of time.
func eventually(ctx context.Context, claim func() error) error {
	for {
		err := claim()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("after %v: %w", checkTimeout, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
