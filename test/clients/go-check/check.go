// Package check prints one line a check, for the programs in Go.
package check

import (
	"context"
	"fmt"
	"time"
)

// Timeout ends a check that waits for something that never comes: clients wait for up to 30 s before they call a server again.
const Timeout = 90 * time.Second

// Report counts what has failed.
type Report struct{ Failed int }

// Check prints `ok <sentence>`, or `not ok` with the reason. A panic fails one check, not the program.
func (r *Report) Check(sentence string, probe func(ctx context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	if err := guarded(ctx, probe); err != nil {
		r.Failed++
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

// That is nil when a claim holds, and otherwise says how things stand.
func That(holds bool, format string, args ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// Equal names what was got and what was wanted.
func Equal[T comparable](what string, got, wanted T) error {
	return That(got == wanted, "%s is %v, wanted %v", what, got, wanted)
}

// Eventually asks again until the claim holds or the check runs out of time.
func Eventually(ctx context.Context, claim func() error) error {
	for {
		err := claim()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("in time it did not come about: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
