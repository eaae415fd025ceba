// What the controller says of a Service. It keeps nothing in mind, so it looks at what was said and repeats nothing.
// Upstream: endpointslice/topologycache/event.go, topologycache.go AddHints; endpointslice_controller.go syncService
// Differs: upstream says the same again at every look, and its recorder counts; a mode that changes from Auto to a traffic
// distribution is not told as hints disabled.
import type { IPFamily, PlannedWrite } from '../../machinery/index.js'
import type { Service } from '../../resources/index.js'
import type { Backend } from '../service-backends/backend.js'
import { isRecorded } from '../service-backends/recorded-events.js'
import { type ObservedService, reasons } from './observed-service.js'
import { hasHints, hintModeOf } from './traffic-distribution.js'

const component = 'endpoint-slice-controller'
const messageLengthMax = 1024

/** Whether hints came or went. */
export function hintNews(families: readonly { family: IPFamily; problem?: string }[], { service, slices, events }: ObservedService): PlannedWrite[] {
  const hintEvents = events.filter(({ reason }) => reason !== reasons.failed)
  const lastOf = (family: IPFamily) => hintEvents.filter(({ message }) => message?.endsWith(`, addressType: ${family}`)).at(-1)
  const isEnabled = (family: IPFamily) => lastOf(family)?.reason === reasons.hintsEnabled
  const disabled = (family: IPFamily, problem: string): PlannedWrite[] => {
    const message = `${problem}, addressType: ${family}`
    return lastOf(family)?.message === message ? [] : [eventAbout(service, 'Warning', reasons.hintsDisabled, message)]
  }
  if (hintModeOf(service) !== 'auto') {
    const lostHints = slices.some(hasHints) ? families.filter(({ family }) => isEnabled(family)) : []
    return lostHints.flatMap(({ family }) => disabled(family, 'Topology Aware Hints has been disabled'))
  }
  const [first] = families.some(({ family, problem }) => !problem && isEnabled(family)) ? [] : families.filter(({ problem }) => !problem)
  return [
    ...families.flatMap(({ family, problem }) => (problem ? disabled(family, problem) : [])),
    // One family speaks for both.
    ...(first ? [eventAbout(service, 'Normal', reasons.hintsEnabled, `Topology Aware Hints has been enabled, addressType: ${first.family}`)] : []),
  ]
}

/** Which pods are left out because nobody knows their node. */
export function lossNews(stranded: readonly Backend[], { service, events }: ObservedService): PlannedWrite[] {
  if (!stranded.length) return []
  const path = `${service.metadata.namespace}/${service.metadata.name}`
  const losses = stranded.map(({ pod, name }) => `skipping Pod ${name} for Service ${path}: Node ${pod.spec.nodeName ?? ''} Not Found`)
  const message = `Error updating Endpoint Slices for Service ${path}: ${losses.length === 1 ? losses[0] : `[${losses.join(', ')}]`}`.slice(0, messageLengthMax)
  return isRecorded(events, reasons.failed, message) ? [] : [eventAbout(service, 'Warning', reasons.failed, message)]
}

function eventAbout({ metadata }: Service, type: 'Normal' | 'Warning', reason: string, message: string): PlannedWrite {
  const { namespace, name = '', uid, resourceVersion } = metadata
  return { verb: 'event', event: { regarding: { apiVersion: 'v1', kind: 'Service', namespace, name, uid, resourceVersion }, type, reason, message, component } }
}
