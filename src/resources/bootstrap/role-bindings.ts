// Who has which role in a fresh cluster, and the Roles of its namespaces: name, role, then everyone who has it.
// Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go, namespace_policy.go

export const clusterRoleBindingLines = `
cluster-admin ClusterRole/cluster-admin Group/system:masters
system:basic-user ClusterRole/system:basic-user Group/system:authenticated
system:discovery ClusterRole/system:discovery Group/system:authenticated
system:kube-controller-manager ClusterRole/system:kube-controller-manager User/system:kube-controller-manager
system:kube-dns ClusterRole/system:kube-dns ServiceAccount/kube-system/kube-dns
system:kube-scheduler ClusterRole/system:kube-scheduler User/system:kube-scheduler
system:monitoring ClusterRole/system:monitoring Group/system:monitoring
system:node ClusterRole/system:node
system:node-proxier ClusterRole/system:node-proxier User/system:kube-proxy
system:public-info-viewer ClusterRole/system:public-info-viewer Group/system:authenticated Group/system:unauthenticated
system:service-account-issuer-discovery ClusterRole/system:service-account-issuer-discovery Group/system:serviceaccounts
system:volume-scheduler ClusterRole/system:volume-scheduler User/system:kube-scheduler
`

/** In the form of cluster-roles.ts; a name begins with the namespace. */
export const roleLines = `
kube-public/system:controller:bootstrap-signer
  - configmaps READ
  - configmaps update cluster-info
  -,events.k8s.io events create,patch,update
kube-system/extension-apiserver-authentication-reader
  - configmaps get,list,watch extension-apiserver-authentication
kube-system/system::leader-locking-kube-controller-manager
  coordination.k8s.io leases create,get,list,update,watch
  coordination.k8s.io leasecandidates create,get,list,update,watch
kube-system/system::leader-locking-kube-scheduler
  coordination.k8s.io leases create,get,list,update,watch
  coordination.k8s.io leasecandidates create,get,list,update,watch
kube-system/system:controller:bootstrap-signer
  - secrets READ
kube-system/system:controller:cloud-provider
  - configmaps create,get,list,watch
kube-system/system:controller:token-cleaner
  - secrets delete,get,list,watch
  -,events.k8s.io events create,patch,update
`

export const roleBindingLines = `
kube-public/system:controller:bootstrap-signer Role/system:controller:bootstrap-signer ServiceAccount/kube-system/bootstrap-signer
kube-system/system::extension-apiserver-authentication-reader Role/extension-apiserver-authentication-reader User/system:kube-controller-manager User/system:kube-scheduler
kube-system/system::leader-locking-kube-controller-manager Role/system::leader-locking-kube-controller-manager User/system:kube-controller-manager ServiceAccount/kube-system/kube-controller-manager ServiceAccount/kube-system/leader-election-controller
kube-system/system::leader-locking-kube-scheduler Role/system::leader-locking-kube-scheduler User/system:kube-scheduler ServiceAccount/kube-system/kube-scheduler
kube-system/system:controller:bootstrap-signer Role/system:controller:bootstrap-signer ServiceAccount/kube-system/bootstrap-signer
kube-system/system:controller:cloud-provider Role/system:controller:cloud-provider ServiceAccount/kube-system/cloud-provider
kube-system/system:controller:token-cleaner Role/system:controller:token-cleaner ServiceAccount/kube-system/token-cleaner
`
