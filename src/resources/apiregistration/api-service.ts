import { formatTime } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { APIService } from '../shapes/apiregistration-v1.js'

const localCondition = { type: 'Available', status: 'True', reason: 'Local', message: 'Local APIServices are always available' }

/** `True`, or `False (ServiceNotFound)`. */
function availability({ status }: APIService): string {
  const condition = status.conditions?.find(({ type }) => type === 'Available')
  if (!condition) return 'Unknown'
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason})`
}

export const apiService = defineResource<APIService>('apiregistration.k8s.io/v1/apiservices', {
  metadataChecks: ['change', 'whole'],
  takesAnyFinalizer: true,
  cells: {
    Service: ({ spec: { service } }) => (service ? `${service.namespace}/${service.name}` : 'Local'),
    Available: availability,
  },
  // What this server serves itself is there from the start.
  prepareForCreate(draft, { now }) {
    draft.status = draft.spec.service ? {} : { conditions: [{ ...localCondition, lastTransitionTime: formatTime(now) }] }
  },
})
