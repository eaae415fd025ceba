// Binding: a pod gets its node, once.
// Upstream: pkg/registry/core/pod/storage/storage.go BindingREST, setPodNodeAndMetadata
import { aggregateMessage, type FieldError, field, type Plain, type Status, type SubresourceBehaviour, status } from '../../machinery/index.js'
import type { Binding, Pod } from '../shapes/core-v1.js'
import { setCondition } from './pod-status.js'

const bindings = { group: '', resource: 'pods/binding' }

export const podBinding: SubresourceBehaviour<Pod> = {
  create(parent, body: Plain, context, draft) {
    const binding = body as Binding
    const refused = refusalOf(parent, binding)
    if (refused) return { refused }
    const write = draft()
    const { metadata, spec } = write
    spec.nodeName = binding.target.name
    if (binding.metadata.annotations) metadata.annotations = { ...metadata.annotations, ...binding.metadata.annotations }
    if (binding.metadata.labels) metadata.labels = { ...metadata.labels, ...binding.metadata.labels }
    write.status ??= {}
    setCondition(write.status, { type: 'PodScheduled', status: 'True' }, context.now)
    delete write.status.nominatedNodeName
    return { write, reply: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } }
  },
}

function refusalOf(parent: Pod, { metadata, target }: Binding): Status | undefined {
  const name = parent.metadata.name as string
  if (metadata.name !== name) return status.badRequest('name in URL does not match name in Binding object')
  const errors = validateTarget(target)
  if (errors.length) return status.untyped(aggregateMessage(errors))
  return preconditionRefusal(parent, metadata) ?? stateRefusal(parent)
}

function validateTarget(target: Binding['target'] | undefined): FieldError[] {
  const { kind, name } = target ?? {}
  const errors = kind && kind !== 'Node' ? [field.notSupported('target.kind', kind, ['Node', '<empty>'])] : []
  return name ? errors : [...errors, field.required('target.name')]
}

function preconditionRefusal({ metadata: own }: Pod, { uid, resourceVersion }: Binding['metadata']): Status | undefined {
  const refuse = (what: string, asked: string, found = '') =>
    status.conflict(
      { group: '', resource: 'pods' },
      own.name as string,
      `StorageError: invalid object, Code: 4, Key: /registry/pods/${own.namespace}/${own.name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${found}`,
    )
  if (uid && uid !== own.uid) return refuse('UID', uid, own.uid)
  return resourceVersion && resourceVersion !== own.resourceVersion ? refuse('ResourceVersion', resourceVersion, own.resourceVersion) : undefined
}

function stateRefusal({ metadata, spec }: Pod): Status | undefined {
  const name = metadata.name as string
  if (metadata.deletionTimestamp) return status.conflict(bindings, name, `pod ${name} is being deleted, cannot be assigned to a host`)
  if (spec.nodeName) return status.conflict(bindings, name, `pod ${name} is already assigned to node "${spec.nodeName}"`)
  return spec.schedulingGates?.length ? status.conflict(bindings, name, `pod ${name} has non-empty .spec.schedulingGates`) : undefined
}
