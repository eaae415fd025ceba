// An operator that exposes Deployments: one that carries the annotation example.com/expose gets a Service at that port,
// and a ConfigMap that says where it is found.
//
//	KUBECONFIG=… go run .
package main

import (
	"os"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

func main() {
	ctrl.SetLogger(zap.New())
	if err := run(); err != nil {
		ctrl.Log.Error(err, "the operator has ended")
		os.Exit(1)
	}
}

func run() error {
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	manager, err := ctrl.NewManager(config, ctrl.Options{
		HealthProbeBindAddress:        ":8081",
		LeaderElection:                true,
		LeaderElectionID:              "expose.example.com",
		LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		return err
	}
	if err = manager.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return err
	}
	if err = manager.AddReadyzCheck("ping", healthz.Ping); err != nil {
		return err
	}
	if err = newReconciler(manager).watchWith(manager); err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}
