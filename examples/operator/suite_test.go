// The suite: one cluster and one manager for all tests, each of which has a namespace of its own.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// cluster is what the tests look at: it reads from the server, and not from a cache.
var cluster client.Client

func TestMain(m *testing.M) {
	log.SetLogger(logr.Discard()) // zap.New() shows what the manager does
	code, err := runWithCluster(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runWithCluster(m *testing.M) (code int, err error) {
	config, stop, err := startCluster()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if cluster, err = client.New(config, client.Options{}); err != nil {
		return 0, err
	}
	manager, err := ctrl.NewManager(config, ctrl.Options{Metrics: server.Options{BindAddress: "0"}})
	if err != nil {
		return 0, err
	}
	if err = newReconciler(manager).watchWith(manager); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	code = m.Run()
	cancel()
	return code, <-ended
}

// startCluster is to kubedouble what envtest.Environment.Start is to kube-apiserver and etcd.
func startCluster() (config *rest.Config, stop func() error, err error) {
	began := time.Now()
	command := exec.Command(cmp.Or(os.Getenv("KUBEDOUBLE"), "kubedouble"), "--secure-port", "0", "--insecure-port", "off", "--grpc-port", "off", "--output", "json")
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err = command.Start(); err != nil {
		return nil, nil, fmt.Errorf("kubedouble is found by the variable KUBEDOUBLE or on PATH: %w", err)
	}
	stop = func() error { return errors.Join(command.Process.Signal(syscall.SIGTERM), command.Wait()) }
	var ready struct{ Kubeconfig string }
	// One line, printed once everything answers.
	if err = json.NewDecoder(output).Decode(&ready); err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	fmt.Printf("the cluster is ready after %v\n", time.Since(began).Round(time.Millisecond))
	if config, err = clientcmd.BuildConfigFromFlags("", ready.Kubeconfig); err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	config.QPS = -1 // tests need not be kind to the server
	return config, stop, nil
}
