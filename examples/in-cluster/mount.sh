#!/usr/bin/env bash
# What a pod finds inside a cluster, for a program that believes it is in one: a token, the certificate authority, its
# namespace, and where the API is. Client libraries look for the first three in one folder, for the last in their environment.
#
#   kubedouble &                       # prints the KUBECONFIG to export
#   eval "$(bash mount.sh /var/run/secrets/kubernetes.io/serviceaccount)"
#   ./my-operator
#
# In a container the folder is mounted. The server's certificate knows the name that the API has inside of a cluster:
#
#   kubedouble --bind-address 0.0.0.0 &
#   eval "$(bash mount.sh "$PWD/serviceaccount")"
#   docker run --volume "$PWD/serviceaccount:/var/run/secrets/kubernetes.io/serviceaccount:ro" \
#     --add-host kubernetes.default.svc:host-gateway \
#     --env KUBERNETES_SERVICE_HOST=kubernetes.default.svc --env KUBERNETES_SERVICE_PORT my-operator
#
# Usage: bash mount.sh <folder> [service account] [namespace]
set -euo pipefail
folder=${1:?name the folder}
account=${2:-default}
namespace=${3:-default}
mkdir -p "$folder"
kubectl create token "$account" --namespace "$namespace" --duration 24h >"$folder/token"
kubectl get configmap kube-root-ca.crt --namespace "$namespace" --output 'jsonpath={.data.ca\.crt}' >"$folder/ca.crt"
printf %s "$namespace" >"$folder/namespace"
server=$(kubectl config view --minify --output 'jsonpath={.clusters[0].cluster.server}')
address=${server#*://}
echo "export KUBERNETES_SERVICE_HOST=${address%:*}"
echo "export KUBERNETES_SERVICE_PORT=${address##*:}"
