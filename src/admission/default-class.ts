// The class that objects get when they name none: the newest that carries the annotation, then the first by name.
import type { KubeObject, ResourceDefinition, Snapshot } from '../machinery/index.js'

/** @param annotations of which one must be `"true"` */
export function defaultClassOf<T extends KubeObject>(snapshot: Snapshot, definition: ResourceDefinition<T>, annotations: readonly string[]): T | undefined {
  const isDefault = ({ metadata }: KubeObject) => annotations.some((annotation) => metadata.annotations?.[annotation] === 'true')
  let newest: T | undefined
  // The Snapshot lists by name, so that a later one must be newer to win.
  for (const candidate of snapshot.list(definition)) {
    if (isDefault(candidate) && (!newest || createdAt(candidate) > createdAt(newest))) newest = candidate
  }
  return newest
}

const createdAt = ({ metadata }: KubeObject) => metadata.creationTimestamp ?? ''
