// The ClusterRoles of controllers in a fresh cluster, in the form of cluster-roles.ts. Each is bound to the service account
// of its controller, which has its name.
// Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go

export const controllerRoleLines = `
attachdetach-controller
  - persistentvolumeclaims,persistentvolumes list,watch
  - nodes READ
  - nodes/status patch,update
  - pods list,watch
  -,events.k8s.io events create,patch,update
  storage.k8s.io volumeattachments create,delete,get,list,watch
  storage.k8s.io csidrivers READ
  storage.k8s.io csinodes READ
certificate-controller
  certificates.k8s.io certificatesigningrequests delete,get,list,watch
  certificates.k8s.io certificatesigningrequests/approval,certificatesigningrequests/status update
  certificates.k8s.io signers approve kubernetes.io/kube-apiserver-client-kubelet
  certificates.k8s.io signers sign kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving,kubernetes.io/legacy-unknown
  authorization.k8s.io subjectaccessreviews create
  -,events.k8s.io events create,patch,update
clusterrole-aggregation-controller
  rbac.authorization.k8s.io clusterroles escalate,get,list,patch,update,watch
cronjob-controller
  batch cronjobs get,list,update,watch
  batch jobs create,delete,get,list,patch,update,watch
  batch cronjobs/status update
  batch cronjobs/finalizers update
  - pods delete,list,watch
  -,events.k8s.io events create,patch,update
daemon-set-controller
  apps,extensions daemonsets READ
  apps,extensions daemonsets/status update
  apps,extensions daemonsets/finalizers update
  - nodes list,watch
  - pods create,delete,list,patch,watch
  - pods/binding create
  apps controllerrevisions create,delete,get,list,patch,update,watch
  -,events.k8s.io events create,patch,update
deployment-controller
  apps,extensions deployments get,list,update,watch
  apps,extensions deployments/status update
  apps,extensions deployments/finalizers update
  apps,extensions replicasets create,delete,get,list,patch,update,watch
  - pods get,list,update,watch
  -,events.k8s.io events create,patch,update
disruption-controller
  apps,extensions deployments READ
  apps,extensions replicasets READ
  - replicationcontrollers READ
  policy poddisruptionbudgets READ
  apps statefulsets READ
  policy poddisruptionbudgets/status update
  - pods/status patch,update
  * */scale get
  -,events.k8s.io events create,patch,update
endpoint-controller
  - pods,services READ
  - endpoints create,delete,get,list,update,watch
  - endpoints/restricted create
  -,events.k8s.io events create,patch,update
endpointslice-controller
  - nodes,pods,services READ
  - services/finalizers update
  discovery.k8s.io endpointslices create,delete,get,list,update,watch
  -,events.k8s.io events create,patch,update
endpointslicemirroring-controller
  - endpoints,services READ
  - services/finalizers update
  - endpoints/finalizers update
  discovery.k8s.io endpointslices create,delete,get,list,update,watch
  -,events.k8s.io events create,patch,update
ephemeral-volume-controller
  - pods READ
  - pods/finalizers update
  - persistentvolumeclaims create,get,list,watch
  -,events.k8s.io events create,patch,update
expand-controller
  - persistentvolumes get,list,patch,update,watch
  - persistentvolumeclaims/status patch,update
  - persistentvolumeclaims READ
  -,events.k8s.io events create,patch,update
  - services get
generic-garbage-collector
  * * delete,get,list,patch,update,watch
  -,events.k8s.io events create,patch,update
horizontal-pod-autoscaler
  autoscaling horizontalpodautoscalers READ
  autoscaling horizontalpodautoscalers/status update
  * */scale get,update
  - pods list,watch
  metrics.k8s.io pods list,watch
  custom.metrics.k8s.io * READ
  external.metrics.k8s.io * READ
  -,events.k8s.io events create,patch,update
job-controller
  batch jobs get,list,patch,update,watch
  batch jobs/status update
  batch jobs/finalizers update
  - pods create,delete,list,patch,watch
  -,events.k8s.io events create,patch,update
legacy-service-account-token-cleaner
  - configmaps get kube-apiserver-legacy-service-account-token-tracking
  - secrets delete,patch
namespace-controller
  - namespaces delete,get,list,watch
  - namespaces/finalize,namespaces/status update
  * * delete,deletecollection,get,list,watch
node-controller
  - nodes delete,get,list,patch,update,watch
  - nodes/status patch,update
  - pods/status patch,update
  - pods delete,get,list,watch
  -,events.k8s.io events create,patch,update
persistent-volume-binder
  - persistentvolumes create,delete,get,list,update,watch
  - persistentvolumes/status update
  - persistentvolumeclaims get,list,update,watch
  - persistentvolumeclaims/status update
  - pods create,delete,get,list,watch
  storage.k8s.io storageclasses READ
  - nodes list,watch
  -,events.k8s.io events create,patch,update
  - events watch
  - services get
pod-garbage-collector
  - pods delete,list,watch
  - nodes READ
  - pods/status patch
pv-protection-controller
  - persistentvolumes get,list,update,watch
  -,events.k8s.io events create,patch,update
pvc-protection-controller
  - persistentvolumeclaims get,list,update,watch
  - pods READ
  -,events.k8s.io events create,patch,update
replicaset-controller
  apps,extensions replicasets get,list,update,watch
  apps,extensions replicasets/status update
  apps,extensions replicasets/finalizers update
  - pods create,delete,list,patch,watch
  -,events.k8s.io events create,patch,update
replication-controller
  - replicationcontrollers get,list,update,watch
  - replicationcontrollers/status update
  - replicationcontrollers/finalizers update
  - pods create,delete,list,patch,watch
  -,events.k8s.io events create,patch,update
resource-claim-controller
  - pods READ
  - pods/finalizers update
  resource.k8s.io resourceclaims create,delete,get,list,watch
  resource.k8s.io resourceclaims,resourceclaims/status patch,update
  - pods/status patch,update
  -,events.k8s.io events create,patch,update
resourcequota-controller
  * * list,watch
  - resourcequotas/status update
  -,events.k8s.io events create,patch,update
root-ca-cert-publisher
  - configmaps create,update
  -,events.k8s.io events create,patch,update
route-controller
  - nodes list,watch
  - nodes/status patch
  -,events.k8s.io events create,patch,update
selinux-warning-controller
  -,events.k8s.io events create,patch,update
  - persistentvolumes READ
  - persistentvolumeclaims READ
  - pods READ
  storage.k8s.io csidrivers READ
service-account-controller
  - serviceaccounts create
  -,events.k8s.io events create,patch,update
service-cidrs-controller
  networking.k8s.io servicecidrs get,list,patch,update,watch
  networking.k8s.io servicecidrs/finalizers patch,update
  networking.k8s.io servicecidrs/status patch,update
  networking.k8s.io ipaddresses READ
  -,events.k8s.io events create,patch,update
service-controller
  - services READ
  - services/status patch,update
  - nodes list,watch
  -,events.k8s.io events create,patch,update
statefulset-controller
  - pods list,watch
  apps statefulsets READ
  apps statefulsets/status update
  apps statefulsets/finalizers update
  - pods create,delete,get,patch,update
  apps controllerrevisions create,delete,get,list,patch,update,watch
  - persistentvolumeclaims create,get,list,watch
  - persistentvolumeclaims delete,update
  - pods/finalizers update
  -,events.k8s.io events create,patch,update
ttl-after-finished-controller
  batch jobs delete,get,list,watch
  -,events.k8s.io events create,patch,update
ttl-controller
  - nodes list,patch,update,watch
  -,events.k8s.io events create,patch,update
validatingadmissionpolicy-status-controller
  admissionregistration.k8s.io validatingadmissionpolicies READ
  admissionregistration.k8s.io validatingadmissionpolicies/status get,patch,update
  -,events.k8s.io events create,patch,update
volumeattributesclass-protection-controller
  - persistentvolumeclaims READ
  - persistentvolumes READ
  storage.k8s.io volumeattributesclasses get,list,update,watch
  -,events.k8s.io events create,patch,update
`
