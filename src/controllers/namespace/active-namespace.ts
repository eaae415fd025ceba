// Which namespaces are lived in.
import type { Namespace } from '../../resources/index.js'

export function isActive(namespace: Namespace | undefined): namespace is Namespace {
  return namespace?.status.phase === 'Active' && namespace.metadata.deletionTimestamp === undefined
}
