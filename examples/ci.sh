#!/usr/bin/env bash
# A job of any CI: start a cluster, deploy to it, look at what came of it. Nothing is left behind.
#   npm install --global kubedouble && ./ci.sh
set -euo pipefail

work=$(mktemp -d)
# Started itself and not through npx, which would not pass the signal on.
kubedouble --secure-port 0 --insecure-port 0 --grpc-port 0 --kubeconfig "$work/kubeconfig" --output json >"$work/ready" &
server=$!
trap 'kill $server; wait $server; rm -r "$work"' EXIT

# One line of JSON says that every port answers.
until [ -s "$work/ready" ]; do
  kill -0 $server
  sleep 0.05
done
export KUBECONFIG=$work/kubeconfig

kubectl apply --filename - <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: nginx, ports: [{ containerPort: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80 }] }
YAML
kubectl wait --for condition=Available deployment/web --timeout 30s
kubectl wait --for jsonpath='{.endpoints[2].conditions.ready}'=true endpointslices --selector kubernetes.io/service-name=web --timeout 30s
