// TaintNodesByCondition: a new Node takes no pods until it has been seen ready.
// Upstream: plugin/pkg/admission/nodetaint/admission.go
import type { AdmissionRequest, AdmissionStep } from '../machinery/index.js'
import { type Node, node } from '../resources/index.js'

const key = 'node.kubernetes.io/not-ready'
const effect = 'NoSchedule'

export const taintNodesByCondition: AdmissionStep = {
  plugin: 'TaintNodesByCondition',
  resources: [node.key],
  operations: ['CREATE'],
  admit({ object, subresource }: AdmissionRequest<Node>) {
    if (subresource) return undefined
    const taints = object.spec?.taints ?? []
    if (taints.some((taint) => taint.key === key && taint.effect === effect)) return undefined
    object.spec = { ...object.spec, taints: [...taints, { key, effect }] }
    return undefined
  },
}
