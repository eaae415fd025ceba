// Annotations of a Service that mean something to the API itself.
// Upstream: api/core/v1/annotation_key_constants.go

export const topologyMode = 'service.kubernetes.io/topology-mode'
/** The older name of the topology mode. */
export const topologyHints = 'service.kubernetes.io/topology-aware-hints'
/** What `spec.loadBalancerSourceRanges` was before it was a field. */
export const sourceRanges = 'service.beta.kubernetes.io/load-balancer-source-ranges'
