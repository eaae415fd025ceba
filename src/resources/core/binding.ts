// Binding: the old way to bind a pod, by posting to the bindings of its namespace.
// Upstream: pkg/registry/core/pod/storage/storage.go LegacyBindingREST
import { defineResource } from '../define-resource.js'
import type { Binding } from '../shapes/core-v1.js'
import { pod } from './pod.js'

export const binding = defineResource<Binding>('v1/bindings', { createsThrough: { definition: pod, subresource: 'binding' } })
