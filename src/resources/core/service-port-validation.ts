// The ports of a Service: each by itself, and all against each other.
// Upstream: pkg/apis/core/validation/validation.go validateServicePort, validateService
import { type FieldError, field, validateDNSLabel, validatePort, validatePortName, validateQualifiedName } from '../../machinery/index.js'
import type { ServicePort, ServiceSpec } from '../shapes/core-v1.js'
import { inEach, invalids, optionalWord } from './field-checks.js'

const portsPath = 'spec.ports'
const protocols = ['SCTP', 'TCP', 'UDP']

export function validatePorts({ ports = [] }: ServiceSpec): FieldError[] {
  const names = new Set<string>()
  return inEach(ports, portsPath, (port, at) => [...validateName(port, `${at}.name`, ports.length > 1, names), ...validateOne(port, at)])
}

function validateName({ name = '' }: ServicePort, at: string, isRequired: boolean, names: Set<string>): FieldError[] {
  if (!name) return isRequired ? [field.required(at)] : []
  const errors = invalids(at, name, validateDNSLabel(name))
  if (names.has(name)) errors.push(field.duplicate(at, name))
  names.add(name)
  return errors
}

function validateOne({ port, protocol, targetPort, appProtocol }: ServicePort, at: string): FieldError[] {
  const targetProblems = typeof targetPort === 'string' ? validatePortName(targetPort) : validatePort(targetPort)
  return [
    ...invalids(`${at}.port`, port, validatePort(port)),
    ...optionalWord(`${at}.protocol`, protocol, protocols),
    ...invalids(`${at}.targetPort`, targetPort, targetProblems),
    ...(appProtocol === undefined ? [] : invalids(`${at}.appProtocol`, appProtocol, validateQualifiedName(appProtocol))),
  ]
}

/** Node ports where the type has none, and pairs of protocol and number that occur twice. */
export function validatePortSet({ type, ports = [] }: ServiceSpec): FieldError[] {
  const unusable = type === 'ClusterIP' ? inEach(ports, portsPath, forbidNodePort) : []
  const [nodePorts, numbers] = [new Set<string>(), new Set<string>()]
  return [
    ...unusable,
    ...inEach(ports, portsPath, ({ protocol, nodePort }, at) =>
      nodePort && isRepeated(nodePorts, `${protocol} ${nodePort}`) ? [field.duplicate(`${at}.nodePort`, nodePort)] : [],
    ),
    ...inEach(ports, portsPath, ({ protocol, port }, at) =>
      isRepeated(numbers, `${protocol} ${port}`) ? [field.duplicate(at, internalPort(protocol, port))] : [],
    ),
  ]
}

function forbidNodePort({ nodePort }: ServicePort, at: string): FieldError[] {
  return nodePort ? [field.forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'")] : []
}

function isRepeated(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return true
  seen.add(key)
  return false
}

/** How upstream's internal type looks when it is printed. */
function internalPort(protocol: string | undefined, port: number): object {
  return { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
}
