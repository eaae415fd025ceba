// NamespaceLifecycle: nothing is made in a namespace that is missing or going, and some namespaces never go.
// Upstream: apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go
import { type Admission, type AdmissionRequest, type AdmissionStep, status } from '../machinery/index.js'
import { namespace } from '../resources/index.js'
import { forbid } from './refusal.js'

const immortal = ['default', 'kube-system', 'kube-public']
const namespaces = { group: '', resource: 'namespaces' }

// What POST to a subresource of an object makes counts as new content, although here it changes the object.
const creatingSubresources = ['binding', 'eviction', 'token']

export const namespaceLifecycle: AdmissionStep = {
  plugin: 'NamespaceLifecycle',
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  admit(request) {
    if (request.definition.key === namespace.key) return request.operation === 'DELETE' ? protect(request) : undefined
    if (!request.namespace || request.operation === 'DELETE' || isAccessReview(request)) return undefined
    return requireNamespace(request)
  },
}

function protect({ name }: AdmissionRequest): Admission {
  if (!immortal.includes(name)) return undefined
  return { refused: status.forbidden(namespaces, name, 'this namespace may not be deleted') }
}

function isAccessReview({ definition }: AdmissionRequest): boolean {
  return definition.group === 'authorization.k8s.io' && definition.plural === 'localsubjectaccessreviews'
}

function requireNamespace(request: AdmissionRequest): Admission {
  const { namespace: name } = request
  const found = request.snapshot.get(namespace, { name })
  if (!found) return { refused: status.notFound(namespaces, name) }
  if (!isCreation(request) || found.status?.phase !== 'Terminating') return undefined
  const cause = { reason: 'NamespaceTerminating', message: `namespace ${name} is being terminated`, field: 'metadata.namespace' }
  return forbid(request, `unable to create new content in namespace ${name} because it is being terminated`, { causes: [cause] })
}

function isCreation({ operation, subresource }: AdmissionRequest): boolean {
  return operation === 'CREATE' || creatingSubresources.includes(subresource)
}
