// IPAddress: an address that is taken, named after it, and by whom.
// Upstream: pkg/registry/networking/ipaddress/strategy.go, pkg/apis/networking/validation/validation.go ValidateIPAddress
import { age, deepEqual, type FieldError, field, validateDNSSubdomain, validateIP, validatePathSegment } from '../../machinery/index.js'
import { invalids, optionalText } from '../core/field-checks.js'
import { defineResource } from '../define-resource.js'
import type { IPAddress, ParentReference } from '../shapes/networking-v1.js'

export const ipAddress = defineResource<IPAddress>('networking.k8s.io/v1/ipaddresses', {
  // The age has no column and is printed all the same.
  cells: {
    ParentRef: ({ spec }) => parentText(spec.parentRef),
    Age: ({ metadata }, { now }) => age(metadata.creationTimestamp, now),
  },
  validateName: (name) => validateIP(name),
  metadataChecks: ['whole', 'change'],
  validate: ({ spec }) => validateParent(spec.parentRef, 'spec.parentRef'),
  validateUpdate: ({ spec }, { spec: old }) => [
    ...validateParent(spec.parentRef, 'spec.parentRef'),
    ...(deepEqual(spec.parentRef, old.parentRef) ? [] : [field.invalid('spec.parentRef', internalParent(spec.parentRef), 'field is immutable')]),
  ],
})

function validateParent(parent: ParentReference | undefined, at: string): FieldError[] {
  if (!parent) return [field.required(at)]
  const { group, resource, name, namespace } = parent
  return [
    ...optionalText(`${at}.group`, group, validateDNSSubdomain),
    ...requiredSegment(`${at}.resource`, resource),
    ...requiredSegment(`${at}.name`, name),
    ...(namespace ? requiredSegment(`${at}.namespace`, namespace) : []),
  ]
}

function requiredSegment(at: string, segment: string | undefined): FieldError[] {
  return segment ? invalids(at, segment, validatePathSegment(segment, false)) : [field.required(at)]
}

/** How upstream's internal type looks when it is printed. */
function internalParent(parent: ParentReference | undefined): object | undefined {
  if (!parent) return undefined
  const { group = '', resource = '', namespace = '', name = '' } = parent
  return { Group: group, Resource: resource, Namespace: namespace, Name: name }
}

/** `services/default/web`, `nodes.example.com/n`, or `<none>`. */
function parentText(parent: ParentReference | null | undefined): string {
  if (!parent) return '<none>'
  const { resource = '', group, namespace, name = '' } = parent
  return [group ? `${resource}.${group}` : resource, ...(namespace ? [namespace] : []), name].join('/')
}
