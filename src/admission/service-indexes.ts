// Who holds an address or a port: looked up, so that giving out one costs nothing of the number of services.
import { defineIndex, parseIP } from '../machinery/index.js'
import { clusterIPsOf, needsHealthCheckNodePort, needsNodePorts, nodePortsOf, type Service, type ServiceSpec, service } from '../resources/index.js'

/** Under the canonical text of the address. */
export const servicesByClusterIP = defineIndex<Service>({
  definition: service,
  values: (object) => clusterIPsOf(object).map(canonicalIP),
})

/** Node ports and ports of health checks come from one pool that knows no protocols. */
export const servicesByNodePort = defineIndex<Service>({
  definition: service,
  values: ({ spec }) => heldPorts(spec).map(String),
})

/** The ports a service holds. A node port that its type has no use for is only a number. */
function heldPorts(spec: ServiceSpec): number[] {
  const ports = needsNodePorts(spec) ? nodePortsOf(spec) : []
  if (needsHealthCheckNodePort(spec) && spec.healthCheckNodePort) ports.push(spec.healthCheckNodePort)
  return [...new Set(ports)]
}

/** Old fields may write an address in more than one way. */
export function canonicalIP(text: string): string {
  return parseIP(text)?.text ?? text
}
