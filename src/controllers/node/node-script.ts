// NodeScript: what annotations say a simulated node should do.
import type { Node } from '../../resources/index.js'
import { dueTime } from '../due-time.js'
import { parseDuration } from '../duration.js'
import { isSimulated } from './simulated-node.js'

/** On a simulated node: `false` stops it being ready, `unknown` stops it reporting at all. */
export const readyAnnotation = 'kubedouble.dev/ready'
/** How long a node takes to become ready once it is made. */
const readyAfterAnnotation = 'kubedouble.dev/ready-after'
/** How long what `kubedouble.dev/ready` says takes to come true. */
const failAfterAnnotation = 'kubedouble.dev/fail-after'

export interface NodeScript {
  /** `starting`: not ready for the first time yet. `unready`: it says so itself. `silent`: it says nothing any more. */
  does: 'starting' | 'serving' | 'unready' | 'silent'
  /** When that changes by itself. Milliseconds since the epoch. */
  due?: number
}

/** A table of stages: the first that applies. @param now milliseconds since the epoch */
export function readNodeScript(node: Node, now: number): NodeScript {
  if (!isSimulated(node)) return { does: 'serving' }
  const { annotations = {}, creationTimestamp = '' } = node.metadata
  const failure = failures.find(({ word }) => word === annotations[readyAnnotation])
  const after = (begun: number, annotation: string) => dueTime({ begun, wait: parseDuration(annotations[annotation]) ?? 0, now })
  const failDue = failure ? after(saidAt(node), failAfterAnnotation) : Number.POSITIVE_INFINITY
  // What has come true stays so, whenever its client says something else.
  if (failure && (failDue <= now || readinessOf(node) === failure.readiness)) return { does: failure.does }
  const readyDue = after(Date.parse(creationTimestamp), readyAfterAnnotation)
  if (readyDue > now) return { does: 'starting', due: Math.min(readyDue, failDue) }
  return { does: 'serving', ...(Number.isFinite(failDue) ? { due: failDue } : {}) }
}

const failures = [
  { word: 'false', does: 'unready', readiness: 'False' },
  { word: 'unknown', does: 'silent', readiness: 'Unknown' },
] as const

/** What a node says of itself, or what is said of it when it says nothing. */
export const readinessOf = ({ status }: Node): string | undefined => status.conditions?.find(({ type }) => type === 'Ready')?.status

/** When the annotation was written, as the record of who changed what knows. */
function saidAt({ metadata }: Node): number {
  const times = (metadata.managedFields ?? []).flatMap(({ fieldsV1, time }) =>
    fieldsV1?.['f:metadata']?.['f:annotations']?.[`f:${readyAnnotation}`] && time ? [Date.parse(time)] : [],
  )
  return Math.max(Date.parse(metadata.creationTimestamp ?? ''), ...times)
}
