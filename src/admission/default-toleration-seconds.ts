// DefaultTolerationSeconds: pods stay five minutes on a node that is not ready or not reachable, unless they say otherwise.
// Upstream: plugin/pkg/admission/defaulttolerationseconds/admission.go
import type { AdmissionRequest, AdmissionStep } from '../machinery/index.js'
import { type Pod, pod, type Toleration } from '../resources/index.js'

const notReady = 'node.kubernetes.io/not-ready'
const unreachable = 'node.kubernetes.io/unreachable'
const tolerationSeconds = 300

export const defaultTolerationSeconds: AdmissionStep = {
  plugin: 'DefaultTolerationSeconds',
  resources: [pod.key],
  operations: ['CREATE', 'UPDATE'],
  admit({ object, subresource }: AdmissionRequest<Pod>) {
    if (subresource) return undefined
    const given = object.spec.tolerations ?? []
    const added = [notReady, unreachable].filter((taint) => !given.some((toleration) => tolerates(toleration, taint)))
    if (added.length) object.spec.tolerations = [...given, ...added.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }))]
    return undefined
  },
}

function tolerates({ key, effect }: Toleration, taint: string): boolean {
  return (!key || key === taint) && (!effect || effect === 'NoExecute')
}
