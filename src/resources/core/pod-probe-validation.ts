// Probes and lifecycle handlers of containers.
// Upstream: pkg/apis/core/validation/validation.go validateProbe, validateHandler, validateLifecycle
import { type FieldError, field, validatePort, validatePortName } from '../../machinery/index.js'
import type { Container, HTTPGetAction, Lifecycle, LifecycleHandler, Probe, ProbeHandler } from '../shapes/core-v1.js'
import { inEach, invalids, nonNegative, requiredText, requiredWord } from './field-checks.js'

/** All probes and the lifecycle of a container that may have them. `path` is the container's. */
export function validateProbes(container: Container, path: string, graceSeconds: number): FieldError[] {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container
  if (!lifecycle && !livenessProbe && !readinessProbe && !startupProbe) return []
  return [
    ...validateLifecycle(lifecycle, `${path}.lifecycle`, graceSeconds),
    ...validateLiveness(livenessProbe, `${path}.livenessProbe`, graceSeconds),
    ...validateReadiness(readinessProbe, `${path}.readinessProbe`, graceSeconds),
    ...validateLiveness(startupProbe, `${path}.startupProbe`, graceSeconds),
  ]
}

function validateLifecycle(lifecycle: Lifecycle | undefined, path: string, graceSeconds: number): FieldError[] {
  const { postStart, preStop } = lifecycle ?? {}
  return [
    ...(postStart ? validateHandler(postStart, `${path}.postStart`, graceSeconds) : []),
    ...(preStop ? validateHandler(preStop, `${path}.preStop`, graceSeconds) : []),
  ]
}

function validateLiveness(probe: Probe | undefined, path: string, graceSeconds: number): FieldError[] {
  if (!probe) return []
  const errors = validateProbe(probe, path, graceSeconds)
  if ((probe.successThreshold ?? 0) !== 1) errors.push(field.invalid(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'))
  return errors
}

function validateReadiness(probe: Probe | undefined, path: string, graceSeconds: number): FieldError[] {
  if (!probe) return []
  const errors = validateProbe(probe, path, graceSeconds)
  const { terminationGracePeriodSeconds: seconds } = probe
  if (seconds !== undefined) errors.push(field.invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must not be set for readinessProbes'))
  return errors
}

const counts = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const

function validateProbe(probe: Probe, path: string, graceSeconds: number): FieldError[] {
  const errors = validateHandler(probe, path, graceSeconds)
  for (const name of counts) errors.push(...nonNegative(`${path}.${name}`, probe[name]))
  const { terminationGracePeriodSeconds: seconds } = probe
  if (seconds !== undefined && seconds <= 0) errors.push(field.invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must be greater than 0'))
  return errors
}

/** Exactly one way to act; the later ones in this order are refused. */
function validateHandler(handler: ProbeHandler & LifecycleHandler, path: string, graceSeconds: number): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  const actions: [string, FieldError[]][] = []
  if (exec) actions.push(['exec', exec.command?.length ? [] : [field.required(`${path}.exec.command`)]])
  if (httpGet) actions.push(['httpGet', validateHTTPGet(httpGet, `${path}.httpGet`)])
  if (tcpSocket) actions.push(['tcpSocket', validatePortReference(tcpSocket.port, `${path}.tcpSocket.port`)])
  if (grpc) actions.push(['grpc', validatePortReference(grpc.port, `${path}.grpc.port`)])
  if (sleep) actions.push(['sleep', validateSleep(sleep.seconds, `${path}.sleep`, graceSeconds)])
  if (!actions.length) return [field.required(path, 'must specify a handler type')]
  return actions.flatMap(([name, errors], index) => (index ? [field.forbidden(`${path}.${name}`, 'may not specify more than 1 handler type')] : errors))
}

function validateHTTPGet({ path: target, port, scheme, httpHeaders }: HTTPGetAction, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.path`, target),
    ...validatePortReference(port, `${path}.port`),
    ...requiredWord(`${path}.scheme`, scheme, ['HTTP', 'HTTPS']),
    ...inEach(httpHeaders, path, ({ name = '' }) => (headerName.test(name) ? [] : [field.invalid(`${path}.httpHeaders`, name, headerWords)])),
  ]
}

const headerName = /^[-A-Za-z0-9]+$/
const headerWords = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"

/** A number, or the name of a port. */
function validatePortReference(port: number | string | undefined, path: string): FieldError[] {
  return typeof port === 'string' ? invalids(path, port, validatePortName(port)) : invalids(path, port ?? 0, validatePort(port ?? 0))
}

function validateSleep(seconds: number, path: string, graceSeconds: number): FieldError[] {
  if (seconds >= 0 && seconds <= graceSeconds) return []
  return [field.invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`)]
}
