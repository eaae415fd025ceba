// What a change of a Service leaves out and keeps all the same: clients need not send back what was given to them.
// Upstream: pkg/registry/core/service/storage/storage.go patchAllocatedValues, normalizeClusterIPs
import { deepEqual } from '../machinery/index.js'
import { needsClusterIP, needsHealthCheckNodePort, needsNodePorts, nodePortsOf, type ServiceSpec } from '../resources/index.js'

/** Fills addresses and ports that were allocated before. */
export function keepAllocated(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIP(spec) && needsClusterIP(old)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP
    if (!spec.clusterIPs?.length && old.clusterIPs?.length) spec.clusterIPs = [...old.clusterIPs]
  }
  if (needsNodePorts(spec) && needsNodePorts(old)) keepNodePorts(spec, old)
  const keepsHealthCheck = needsHealthCheckNodePort(spec) && needsHealthCheckNodePort(old) && !spec.healthCheckNodePort
  if (keepsHealthCheck && old.healthCheckNodePort) spec.healthCheckNodePort = old.healthCheckNodePort
}

/** A port is the one that had its name, unless its node port went to another. */
function keepNodePorts(spec: ServiceSpec, old: ServiceSpec): void {
  const oldPorts = new Set(nodePortsOf(old))
  const used = new Set(nodePortsOf(spec).filter((nodePort) => oldPorts.has(nodePort)))
  const byName = new Map((old.ports ?? []).map(({ name = '', nodePort }) => [name, nodePort]))
  for (const port of spec.ports ?? []) {
    const nodePort = port.nodePort ? undefined : byName.get(port.name ?? '')
    if (nodePort && !used.has(nodePort)) port.nodePort = nodePort
  }
}

/** Clients older than the list of addresses write the single one; what they mean is written into the list. */
export function syncClusterIPs(spec: ServiceSpec, old?: ServiceSpec): void {
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
    return
  }
  const [single, oldSingle] = [spec.clusterIP ?? '', old.clusterIP ?? '']
  if (single === oldSingle) {
    if (old.clusterIPs?.length && !spec.clusterIPs?.length) spec.clusterIPs = [...old.clusterIPs]
  } else if (deepEqual(spec.clusterIPs ?? [], old.clusterIPs ?? [])) {
    if (single) spec.clusterIPs = [single]
    else delete spec.clusterIPs
  }
}
