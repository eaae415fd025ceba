// The ClusterRoles of a fresh cluster for people and for parts of the system; those of controllers have a file of their own.
// A line without indent opens a role; below it one rule a line: groups, resources, verbs and names, or `url`, paths and verbs.
// `-` is the core group, `READ` and `WRITE` are the usual verbs, `part-of` and `whole` say which roles are gathered from which.
// Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go

export const clusterRoleLines = `
admin whole=admin
cluster-admin
  * * *
  url * *
edit part-of=admin whole=edit
system:aggregate-to-admin part-of=admin
  authorization.k8s.io localsubjectaccessreviews create
  rbac.authorization.k8s.io rolebindings,roles create,delete,deletecollection,get,list,patch,update,watch
system:aggregate-to-edit part-of=edit
  - pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy READ
  - serviceaccounts impersonate
  - pods,pods/attach,pods/exec,pods/portforward,pods/proxy WRITE
  - pods/eviction create
  - configmaps,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy WRITE
  - serviceaccounts/token create
  -,events.k8s.io events WRITE
  apps daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale WRITE
  autoscaling horizontalpodautoscalers WRITE
  batch cronjobs,jobs WRITE
  extensions daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale WRITE
  policy poddisruptionbudgets WRITE
  networking.k8s.io ingresses,networkpolicies WRITE
  coordination.k8s.io leases create,delete,deletecollection,get,list,patch,update,watch
  resource.k8s.io resourceclaims,resourceclaimtemplates WRITE
system:aggregate-to-view part-of=view
  - configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status READ
  - bindings,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status READ
  - namespaces READ
  -,events.k8s.io events READ
  discovery.k8s.io endpointslices READ
  apps controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status READ
  autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status READ
  batch cronjobs,cronjobs/status,jobs,jobs/status READ
  extensions daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale READ
  policy poddisruptionbudgets,poddisruptionbudgets/status READ
  networking.k8s.io ingresses,ingresses/status,networkpolicies READ
  resource.k8s.io resourceclaims,resourceclaims/status,resourceclaimtemplates READ
system:auth-delegator
  authentication.k8s.io tokenreviews create
  authorization.k8s.io subjectaccessreviews create
system:basic-user
  authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews create
  authentication.k8s.io selfsubjectreviews create
system:certificates.k8s.io:certificatesigningrequests:nodeclient
  certificates.k8s.io certificatesigningrequests/nodeclient create
system:certificates.k8s.io:certificatesigningrequests:selfnodeclient
  certificates.k8s.io certificatesigningrequests/selfnodeclient create
system:certificates.k8s.io:kube-apiserver-client-approver
  certificates.k8s.io signers approve kubernetes.io/kube-apiserver-client
system:certificates.k8s.io:kube-apiserver-client-kubelet-approver
  certificates.k8s.io signers approve kubernetes.io/kube-apiserver-client-kubelet
system:certificates.k8s.io:kubelet-serving-approver
  certificates.k8s.io signers approve kubernetes.io/kubelet-serving
system:certificates.k8s.io:legacy-unknown-approver
  certificates.k8s.io signers approve kubernetes.io/legacy-unknown
system:discovery
  url /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/ get
system:heapster
  - events,namespaces,nodes,pods READ
  extensions deployments READ
system:kube-aggregator
  - endpoints,services READ
system:kube-controller-manager
  -,events.k8s.io events create,patch,update
  coordination.k8s.io leases create
  coordination.k8s.io leases get,update kube-controller-manager
  - secrets,serviceaccounts create
  - secrets delete
  - configmaps,namespaces,secrets,serviceaccounts get
  - secrets,serviceaccounts update
  authentication.k8s.io tokenreviews create
  authorization.k8s.io subjectaccessreviews create
  * * list,watch
  - serviceaccounts/token create
system:kube-dns
  - endpoints,services list,watch
system:kube-scheduler
  -,events.k8s.io events create,patch,update
  coordination.k8s.io leases create
  coordination.k8s.io leases get,list,update,watch kube-scheduler
  coordination.k8s.io leasecandidates create,delete,deletecollection,get,list,patch,update,watch
  - nodes READ
  - pods delete,get,list,watch
  - bindings,pods/binding create
  - pods/status patch,update
  - replicationcontrollers,services READ
  apps,extensions replicasets READ
  apps statefulsets READ
  policy poddisruptionbudgets READ
  - persistentvolumeclaims,persistentvolumes READ
  authentication.k8s.io tokenreviews create
  authorization.k8s.io subjectaccessreviews create
  storage.k8s.io csinodes READ
  storage.k8s.io volumeattachments READ
  - namespaces READ
  storage.k8s.io csidrivers READ
  storage.k8s.io csistoragecapacities READ
  resource.k8s.io deviceclasses READ
  resource.k8s.io resourceclaims get,list,patch,update,watch
  resource.k8s.io resourceclaims/status get,list,patch,update,watch
  - pods/finalizers update
  resource.k8s.io resourceslices READ
system:kubelet-api-admin
  - nodes READ
  - nodes proxy
  - nodes/log,nodes/metrics,nodes/proxy,nodes/stats *
  - nodes/configz,nodes/healthz,nodes/pods *
system:monitoring
  url /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/* get
  - nodes/metrics get
system:node
  authentication.k8s.io tokenreviews create
  authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews create
  - services READ
  - nodes create,get,list,watch
  - nodes/status patch,update
  - nodes patch,update
  -,events.k8s.io events create,patch,update
  - pods READ
  - pods create,delete
  - pods/status patch,update
  - pods/eviction create
  - configmaps,secrets READ
  - persistentvolumeclaims,persistentvolumes get
  - endpoints get
  certificates.k8s.io certificatesigningrequests create,get,list,watch
  coordination.k8s.io leases create,delete,get,patch,update
  storage.k8s.io volumeattachments get
  - serviceaccounts/token create
  - persistentvolumeclaims/status get,patch,update
  storage.k8s.io csidrivers READ
  storage.k8s.io csinodes create,delete,get,patch,update
  node.k8s.io runtimeclasses READ
  resource.k8s.io resourceclaims get
  resource.k8s.io resourceslices deletecollection
  - serviceaccounts get
system:node-bootstrapper
  certificates.k8s.io certificatesigningrequests create,get,list,watch
system:node-problem-detector
  - nodes get
  - nodes/status patch
  -,events.k8s.io events create,patch,update
system:node-proxier
  - endpoints,services list,watch
  - nodes READ
  -,events.k8s.io events create,patch,update
  networking.k8s.io servicecidrs list,watch
  discovery.k8s.io endpointslices list,watch
system:persistent-volume-provisioner
  - persistentvolumes create,delete,get,list,watch
  - persistentvolumeclaims get,list,update,watch
  storage.k8s.io storageclasses READ
  - events watch
  -,events.k8s.io events create,patch,update
system:public-info-viewer
  url /healthz,/livez,/readyz,/version,/version/ get
system:service-account-issuer-discovery
  url /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/ get
system:volume-scheduler
  - persistentvolumes get,list,patch,update,watch
  storage.k8s.io storageclasses READ
  - persistentvolumeclaims get,list,patch,update,watch
view part-of=edit whole=view
`
