// Finished Jobs go when their time to live is over.
// Upstream: pkg/controller/ttlafterfinished/ttlafterfinished_controller.go
import { type Controller, defineController, keyOf, onSelf, type Plan } from '../../machinery/index.js'
import { type Job, job as jobs } from '../../resources/index.js'
import { conditionOf, isFinished } from './verdict.js'

interface Observed {
  job: Job
  now: number
}

export const ttlAfterFinishedController: Controller<Observed> = defineController<Observed>({
  name: 'ttl-after-finished-controller',
  fieldManager: 'kube-controller-manager',
  watches: [onSelf(jobs)],
  observe(key, snapshot) {
    const job = snapshot.get(jobs, key)
    const isWaiting = job && job.spec.ttlSecondsAfterFinished !== undefined && job.metadata.deletionTimestamp === undefined && isFinished(job)
    return isWaiting ? { job, now: snapshot.now } : undefined
  },
  reconcile({ job, now }): Plan {
    const finished = conditionOf(job, 'Complete') ?? conditionOf(job, 'Failed')
    const due = Date.parse(finished?.lastTransitionTime ?? '') + (job.spec.ttlSecondsAfterFinished ?? 0) * 1000
    if (due > now) return { writes: [], requeueAfterMillis: due - now }
    return {
      writes: [{ verb: 'delete', definition: jobs, key: keyOf(job), options: { propagationPolicy: 'Foreground', preconditions: { uid: job.metadata.uid } } }],
    }
  },
})
