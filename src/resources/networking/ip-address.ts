import { age } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { IPAddress, ParentReference } from '../shapes/networking-v1.js'

export const ipAddress = defineResource<IPAddress>('networking.k8s.io/v1/ipaddresses', {
  // The age has no column and is printed all the same.
  cells: {
    ParentRef: ({ spec }) => parentText(spec.parentRef),
    Age: ({ metadata }, { now }) => age(metadata.creationTimestamp, now),
  },
})

/** `services/default/web`, `nodes.example.com/n`, or `<none>`. */
function parentText(parent: ParentReference | null | undefined): string {
  if (!parent) return '<none>'
  const { resource = '', group, namespace, name = '' } = parent
  return [group ? `${resource}.${group}` : resource, ...(namespace ? [namespace] : []), name].join('/')
}
