// How Events are printed; both of their API groups print the same.
// Upstream: pkg/printers/internalversion/printers.go printEvent
import { age, type Cell, type CellContext, type KubeObject } from '../../machinery/index.js'
import type { EventSource, ObjectReference } from '../shapes/core-v1.js'

/** An Event of either group, under the names of the older one. */
export interface EventView {
  involvedObject: ObjectReference
  reason?: string
  message?: string
  type?: string
  source?: EventSource
  reportingComponent?: string
  reportingInstance?: string
  firstTimestamp?: string | null
  lastTimestamp?: string | null
  eventTime?: string | null
  count?: number
  series?: { count?: number; lastObservedTime?: string | null } | null
}

export function eventCells<T extends KubeObject>(view: (event: T) => EventView): Record<string, (event: T, context: CellContext) => Cell> {
  return {
    'Last Seen': (event, { now }) => age(lastSeen(view(event)), now),
    Type: (event) => view(event).type ?? '',
    Reason: (event) => view(event).reason ?? '',
    Object: (event) => objectText(view(event).involvedObject),
    Subobject: (event) => view(event).involvedObject.fieldPath ?? '',
    Source: (event) => sourceText(view(event)),
    Message: (event) => (view(event).message ?? '').trim(),
    'First Seen': (event, { now }) => age(firstSeen(view(event)), now),
    Count: (event) => countOf(view(event)),
  }
}

function firstSeen({ firstTimestamp, eventTime }: EventView): string | null | undefined {
  return firstTimestamp || eventTime
}

function lastSeen(event: EventView): string | null | undefined {
  return event.series?.lastObservedTime || event.lastTimestamp || firstSeen(event)
}

function objectText({ kind = '', name }: ObjectReference): string {
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase()
}

function sourceText({ source, reportingComponent, reportingInstance }: EventView): string {
  return [source?.component || reportingComponent, source?.host || reportingInstance].filter(Boolean).join(', ')
}

// An Event that says nothing was seen once.
function countOf({ series, count }: EventView): number {
  return series ? (series.count ?? 0) : count || 1
}
