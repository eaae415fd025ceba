// What is wrong with an Event, in the form that is stored; the newer group asks more than the older one.
// Upstream: pkg/apis/core/validation/events.go
import { byteLength, deepEqual, type FieldError, field, validateQualifiedName } from '../../machinery/index.js'
import type { Event, EventSource, ObjectReference } from '../shapes/core-v1.js'
import { invalids } from './field-checks.js'

const mismatch = 'does not match event.namespace'
const homesOfClusterEvents = ['default', 'kube-system']
const wordBytesMax = 128
const noteBytesMax = 1024

/** What both groups ask. @param controllerField how the group calls the reporting controller */
export function validateEvent(event: Event, controllerField: string): FieldError[] {
  const namespace = event.metadata.namespace ?? ''
  const involved = event.involvedObject.namespace ?? ''
  if (!event.eventTime) {
    const isAtHome = involved ? involved === namespace : namespace === 'default'
    return isAtHome ? [] : [field.invalid('involvedObject.namespace', involved, mismatch)]
  }
  const isHomeless = !involved && !homesOfClusterEvents.includes(namespace)
  return [...(isHomeless ? [field.invalid('involvedObject.namespace', involved, mismatch)] : []), ...validateReport(event, controllerField)]
}

/** An event with a time of its own is of the newer kind: it says who reports what. */
function validateReport({ reportingComponent, reportingInstance, action = '', reason = '', message = '' }: Event, controllerField: string): FieldError[] {
  return [
    ...(reportingComponent ? [] : [field.required(controllerField)]),
    ...invalids(controllerField, reportingComponent, validateQualifiedName(reportingComponent)),
    ...requiredWord('reportingInstance', reportingInstance),
    ...requiredWord('action', action),
    ...requiredWord('reason', reason),
    ...limited('message', message, noteBytesMax),
  ]
}

function requiredWord(path: string, value: string): FieldError[] {
  return value ? limited(path, value, wordBytesMax) : [field.required(path)]
}

function limited(path: string, value: string, bytesMax: number): FieldError[] {
  return byteLength(value) > bytesMax ? [field.invalid(path, '', `can have at most ${bytesMax} characters`)] : []
}

/** What the newer group asks of a new event beside that. */
export function validateStrictEvent(event: Event): FieldError[] {
  const { type = '', firstTimestamp, lastTimestamp, count, source } = event
  const deprecated = { firstTimestamp, lastTimestamp, count, source: source.component || source.host }
  return [
    ...validateSeries(event),
    ...(event.eventTime ? [] : [field.required('eventTime')]),
    ...(type === 'Normal' || type === 'Warning' ? [] : [field.invalid('type', '', `has invalid value: ${type}`)]),
    ...Object.entries(deprecated).flatMap(([name, value]) => (value ? [field.invalid(name, '', 'needs to be unset')] : [])),
  ]
}

function validateSeries({ series }: Event): FieldError[] {
  if (!series) return []
  return [
    ...((series.count ?? 0) < 2 ? [field.invalid('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [field.required('series.lastObservedTime')]),
  ]
}

/** What the newer group asks of a change: only the series goes on. */
export function validateStrictEventChange(next: Event, old: Event): FieldError[] {
  const errors = deepEqual(next.series, old.series) ? [] : validateSeries(next)
  for (const [path, printedIn] of fixedFields) {
    const value = printedIn(next)
    if (!deepEqual(value, printedIn(old))) errors.push(field.invalid(path, value, 'field is immutable'))
  }
  return errors
}

// Values as upstream prints them, in its order; it asks for the reason twice.
const fixedFields: readonly (readonly [path: string, printedIn: (event: Event) => unknown])[] = [
  ['involvedObject', ({ involvedObject }) => printed(involvedObject)],
  ['reason', ({ reason = '' }) => reason],
  ['message', ({ message = '' }) => message],
  ['source', ({ source }) => printedSource(source)],
  ['firstTimestamp', ({ firstTimestamp }) => firstTimestamp ?? null],
  ['lastTimestamp', ({ lastTimestamp }) => lastTimestamp ?? null],
  ['count', ({ count = 0 }) => count],
  ['reason', ({ reason = '' }) => reason],
  ['type', ({ type = '' }) => type],
  ['eventTime', ({ eventTime }) => eventTime ?? null],
  ['action', ({ action = '' }) => action],
  ['related', ({ related }) => (related ? printed(related) : null)],
  ['reportingController', ({ reportingComponent }) => reportingComponent],
  ['reportingInstance', ({ reportingInstance }) => reportingInstance],
]

/** Upstream's internal types print all of their fields under the names of Go. */
function printed({ kind = '', namespace = '', name = '', uid = '', apiVersion = '', resourceVersion = '', fieldPath = '' }: ObjectReference) {
  return { Kind: kind, Namespace: namespace, Name: name, UID: uid, APIVersion: apiVersion, ResourceVersion: resourceVersion, FieldPath: fieldPath }
}

const printedSource = ({ component = '', host = '' }: EventSource) => ({ Component: component, Host: host })
