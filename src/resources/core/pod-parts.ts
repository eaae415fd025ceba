// The parts of a pod that have a door of their own: ephemeral containers and the resources of containers.
// Upstream: pkg/registry/core/pod/strategy.go podEphemeralContainersStrategy, podResizeStrategy; ValidatePodResize
import { deepCopy, deepEqual, type FieldError, field, type SubresourceBehaviour } from '../../machinery/index.js'
import type { Container, Pod, ResourceRequirements } from '../shapes/core-v1.js'
import { qosClassOf } from './pod-qos.js'
import { validatePodSpec } from './pod-validation.js'

const mirrorAnnotation = 'kubernetes.io/config.mirror'

const isMirror = ({ metadata }: Pod) => metadata.annotations?.[mirrorAnnotation] !== undefined

/** Makes the draft the old pod again, but for its version. */
function restore(draft: Pod, old: Pod): void {
  const { resourceVersion } = draft.metadata
  Object.assign(draft, deepCopy(old))
  if (resourceVersion === undefined) delete draft.metadata.resourceVersion
  else draft.metadata.resourceVersion = resourceVersion
}

export const podEphemeralContainers: SubresourceBehaviour<Pod> = {
  bumpsGeneration: true,
  update(draft, old) {
    const { ephemeralContainers } = draft.spec
    restore(draft, old)
    if (ephemeralContainers) draft.spec.ephemeralContainers = ephemeralContainers
    else delete draft.spec.ephemeralContainers
    return undefined
  },
  validate(object, old) {
    const errors = validatePodSpec(object.spec, 'spec', { ofPod: true })
    if (isMirror(old)) return [...errors, field.forbidden('', 'static pods do not support ephemeral containers')]
    const path = 'spec.ephemeralContainers'
    const present = new Map((object.spec.ephemeralContainers ?? []).map((container) => [container.name, container]))
    for (const container of old.spec.ephemeralContainers ?? []) {
      const next = present.get(container.name)
      if (!next) errors.push(field.forbidden(path, `existing ephemeral containers "${container.name}" may not be removed\n`))
      else if (!deepEqual(next, container)) errors.push(field.forbidden(path, `existing ephemeral containers "${container.name}" may not be changed\n`))
    }
    return errors
  },
}

export const podResize: SubresourceBehaviour<Pod> = {
  bumpsGeneration: true,
  update(draft, old) {
    const { spec } = draft
    restore(draft, old)
    takeResources(draft.spec.containers, spec.containers)
    takeResources(draft.spec.initContainers, spec.initContainers)
    return undefined
  },
  validate(object, old) {
    const errors = validatePodSpec(object.spec, 'spec', { ofPod: true })
    if (isMirror(old)) return [...errors, field.forbidden('', 'static pods cannot be resized')]
    if (old.spec.os?.name === 'windows') return [...errors, field.forbidden('', 'windows pods cannot be resized')]
    const qosClass = old.status?.qosClass ?? qosClassOf(old)
    if (qosClassOf(object) !== qosClass) errors.push(field.invalid('spec', qosClass, 'Pod QOS Class may not change as a result of resizing'))
    if (!knowsResize(old)) errors.push(field.forbidden('spec', 'Pod running on node without support for resize'))
    return [...errors, ...validateResized(object, old)]
  },
}

function takeResources(containers: Container[] | null | undefined, asked: readonly Container[] | null | undefined): void {
  const byName = new Map((asked ?? []).map((container) => [container.name, container]))
  for (const container of containers ?? []) {
    const wanted = byName.get(container.name)
    if (!wanted) continue
    container.resources = { ...wanted.resources }
    if (wanted.resizePolicy) container.resizePolicy = wanted.resizePolicy
    else delete container.resizePolicy
  }
}

// A kubelet that can resize says what its containers have.
function knowsResize({ status }: Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running)
  return !running || running.resources !== undefined
}

function validateResized(object: Pod, old: Pod): FieldError[] {
  const errors = changesOf('containers', object, old).flatMap(({ path, before, after }) => [
    ...validateKept(path, before, after),
    ...(onlyCompute(before, after) ? [] : [field.forbidden('spec', 'only cpu and memory resources are mutable')]),
  ])
  for (const { path, before, after, container } of changesOf('initContainers', object, old)) {
    if (container.restartPolicy !== 'Always') errors.push(field.forbidden('spec', 'resources for non-sidecar init containers are immutable'))
    else if (onlyCompute(before, after)) errors.push(...validateKept(path, before, after))
    else errors.push(field.forbidden('spec', 'only cpu and memory resources for sidecar containers are mutable'))
  }
  return errors
}

function changesOf(list: 'containers' | 'initContainers', object: Pod, old: Pod) {
  return (object.spec[list] ?? []).flatMap((container, index) => {
    const before = old.spec[list]?.[index].resources ?? {}
    const after = container.resources
    return deepEqual(before, after) ? [] : [{ container, before, after, path: `spec.${list}[${index}].resources` }]
  })
}

function validateKept(path: string, before: ResourceRequirements, after: ResourceRequirements): FieldError[] {
  return (['requests', 'limits'] as const).flatMap((side) => {
    const isLost = Object.keys(before[side] ?? {}).some((name) => !Object.hasOwn(after[side] ?? {}, name))
    return isLost ? [field.forbidden(`${path}.${side}`, `resource ${side} cannot be removed`)] : []
  })
}

function onlyCompute(before: ResourceRequirements, after: ResourceRequirements): boolean {
  const others = ({ requests, limits, claims }: ResourceRequirements) => ({
    requests: withoutCompute(requests),
    limits: withoutCompute(limits),
    claims: claims ?? [],
  })
  return deepEqual(others(before), others(after))
}

function withoutCompute(texts: Record<string, string> = {}): Record<string, string> {
  const { cpu: _cpu, memory: _memory, ...others } = texts
  return others
}
