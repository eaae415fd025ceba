// What a client should know about a pod that is accepted all the same.
// Upstream: pkg/api/pod/warnings.go
import { parseQuantity, validateDNSLabel } from '../../machinery/index.js'
import type { Container, Pod, PodSpec } from '../shapes/core-v1.js'

/** Warnings of a Pod. The name is looked at when it is new. */
export function podWarnings(pod: Pod, old: Pod | undefined): string[] {
  return [...(old ? [] : nameWarnings(pod.metadata.name ?? '')), ...(old && old.spec === pod.spec ? [] : podSpecWarnings(pod.spec, 'spec'))]
}

function nameWarnings(name: string): string[] {
  const problems = validateDNSLabel(name)
  const words = "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended"
  return problems.length ? [`${words}: [${problems.join(' ')}]`] : []
}

const replacedLabels: Record<string, string> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}

/** Warnings of a spec, in a Pod or a template. @param path of the spec */
export function podSpecWarnings(spec: PodSpec, path: string): string[] {
  const warnings: string[] = []
  for (const key in spec.nodeSelector) if (Object.hasOwn(replacedLabels, key)) warnings.push(`${path}.nodeSelector[${key}]: ${replacedLabels[key]}`)
  spec.imagePullSecrets?.forEach(({ name }, index) => {
    if (!name) warnings.push(`${path}.imagePullSecrets[${index}].name: invalid empty name ""`)
  })
  spec.volumes?.forEach(({ gitRepo }, index) => {
    if (gitRepo) warnings.push(`${path}.volumes[${index}].gitRepo: deprecated in v1.11`)
  })
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [index, container] of (spec[list] ?? []).entries()) addContainerWarnings(warnings, container, `${path}.${list}[${index}]`)
  }
  return warnings
}

function addContainerWarnings(warnings: string[], { env, ports, resources }: Container, path: string): void {
  const names = new Set<string>()
  env?.forEach(({ name, value = '' }, index) => {
    // A variable may build on its earlier self.
    if (names.has(name) && !value.includes(`$(${name})`))
      warnings.push(`${path}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`)
    names.add(name)
  })
  const firstPorts = new Map<string, number>()
  ports?.forEach(({ containerPort, protocol, hostPort = 0, hostIP = '' }, index) => {
    const key = `${containerPort}/${protocol}/${hostPort}/${hostIP}`
    const first = firstPorts.get(key)
    if (first === undefined) firstPorts.set(key, index)
    else warnings.push(`${path}.ports[${index}]: duplicate port definition with ${path}.ports[${first}]`)
  })
  for (const side of ['limits', 'requests'] as const) {
    for (const name of ['memory', 'ephemeral-storage']) {
      const text = resources[side]?.[name]
      const nanos = text === undefined ? undefined : parseQuantity(text)?.nanos
      if (nanos && nanos % 1_000_000_000n !== 0n)
        warnings.push(`${path}.resources.${side}[${name}]: fractional byte value "${text}" is invalid, must be an integer`)
    }
  }
}
