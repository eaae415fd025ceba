// PodTopologyLabels: a pod carries zone and region of the node it is bound to.
// Upstream: plugin/pkg/admission/podtopologylabels/admission.go
import { type AdmissionRequest, type AdmissionStep, withMembers } from '../machinery/index.js'
import { node, type Pod, pod } from '../resources/index.js'

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

export const podTopologyLabels: AdmissionStep = {
  plugin: 'PodTopologyLabels',
  resources: [pod.key],
  operations: ['CREATE', 'UPDATE'],
  admit({ operation, object, subresource, snapshot }: AdmissionRequest<Pod>) {
    const isBound = operation === 'CREATE' ? !subresource : subresource === 'binding'
    const { nodeName } = object.spec
    // A node that does not exist has nothing to tell.
    const labels = isBound && nodeName ? snapshot.get(node, { name: nodeName })?.metadata.labels : undefined
    for (const key of copied) {
      if (labels?.[key] !== undefined) object.metadata.labels = withMembers(object.metadata.labels ?? {}, { [key]: labels[key] })
    }
    return undefined
  },
}
