// Requests as the registry hands them to admission steps.
import type { Admission, AdmissionRequest, AdmissionStep, KubeObject, ResourceDefinition } from '../../src/machinery/index.js'
import { deepCopy } from '../../src/machinery/index.js'
import { type Sketch, snapshotOf } from '../support/snapshot.js'

interface Case {
  operation?: AdmissionRequest['operation']
  subresource?: string
  old?: Sketch
  /** What there is beside the object. */
  present?: Sketch[]
}

/** Runs a step. @returns the object as the step leaves it, and what the step says */
export function run(
  step: AdmissionStep,
  definition: ResourceDefinition,
  sketch: Sketch,
  { operation = 'CREATE', subresource = '', old, present = [] }: Case = {},
) {
  const object = deepCopy(sketch) as unknown as KubeObject
  const said: Admission = step.admit({
    operation,
    definition,
    subresource,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
    object,
    old: old as unknown as KubeObject | undefined,
    snapshot: snapshotOf(present),
    random: { integer: () => 0, uuid: () => '00000000-0000-4000-8000-000000000000' },
    user: { username: 'tester', groups: [] },
    dryRun: false,
    warn: () => {},
  })
  return { object: object as unknown as Sketch, refused: said && 'refused' in said ? said.refused : undefined }
}
