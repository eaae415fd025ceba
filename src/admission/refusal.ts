// Refusal: a step's 403, named after the object as far as it has a name yet.
// Upstream: apiserver/pkg/admission/errors.go
import { type AdmissionRequest, type KubeObject, type Status, type StatusDetails, status } from '../machinery/index.js'

/** `pods "web" is forbidden: cause`. An object still to be named goes by its generateName. */
// biome-ignore lint/suspicious/noExplicitAny: requests for objects of any kind are refused in the same words
export function forbid(request: AdmissionRequest<any>, cause: string, details: StatusDetails = {}): { refused: Status } {
  const { definition } = request
  return { refused: status.forbidden({ group: definition.group, resource: definition.plural }, nameOf(request), cause, details) }
}

function nameOf({ name, object }: AdmissionRequest<KubeObject>): string {
  const { metadata } = object as KubeObject
  return name || metadata.name || metadata.generateName || 'Unknown'
}
