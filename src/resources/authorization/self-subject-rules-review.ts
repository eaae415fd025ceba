// SelfSubjectRulesReview: everything the client may do in a namespace.
// Upstream: pkg/registry/authorization/selfsubjectrulesreview/rest.go
import { status } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { SelfSubjectRulesReview } from '../shapes/authorization-v1.js'

export const selfSubjectRulesReview = defineResource<SelfSubjectRulesReview>('authorization.k8s.io/v1/selfsubjectrulesreviews', {
  review({ kind, apiVersion, spec }) {
    if (!spec.namespace) return status.badRequest('no namespace on request')
    // Upstream answers with an object of its own, without the question.
    return { kind, apiVersion, metadata: {}, spec: {}, status: { ...everything, incomplete: false } }
  },
})

// Upstream: apiserver/pkg/authorization/authorizerfactory/builtin.go alwaysAllowAuthorizer
const everything = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}
