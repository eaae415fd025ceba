// PodScript: what annotations say a simulated pod should do. Images are never run, so without a word containers run for ever, but
// those of a Job: they have done their work after a second.
import type { Pod } from '../../resources/index.js'
import { parseDuration } from '../duration.js'

const prefix = 'kubedouble.dev/'

export interface PodScript {
  /** `kubedouble.dev/ready: "false"`: containers run and are not ready. */
  isReady: boolean
  /** `kubedouble.dev/ready-after: 10s`: containers are ready so long after their start, whatever their readiness probes say. */
  readyAfterMillis?: number
  /** `kubedouble.dev/start-after: 5s`: nothing starts until the pod has been on its node for so long. */
  startAfterMillis: number
  /** `kubedouble.dev/image-pull-error: no such image`: the image cannot be pulled, with this message. */
  imagePullError?: string
  /**
   * `kubedouble.dev/exit-after: 30s`: containers end so long after their start; `0s`: at once; `never`: not by themselves. When
   * absent, `1s` for the pods of a Job, else `never`.
   */
  exitAfterMillis?: number
  /** `kubedouble.dev/exit-code: "1"`; 0 when absent. */
  exitCode: number
  /** `kubedouble.dev/exit-reason: OOMKilled`; when absent it follows from the code. */
  exitReason: string
  /** `kubedouble.dev/init-exit-after: 5s`: each init container takes so long; no time when absent. */
  initExitAfterMillis: number
  /** `kubedouble.dev/init-exit-code: "1"`: the code with which init containers end; 0 when absent. */
  initExitCode: number
  /** `kubedouble.dev/stop-after: 10s`: how long containers take to end when told to; `never`: nobody comes to tell them. */
  stopAfterMillis: number
  /** What containers end with that are told to: 0, but in the pods of a Job 143, for their work is not done. */
  stopExitCode: number
}

const jobMillis = 1000

export function readPodScript({ metadata: { annotations = {}, ownerReferences } }: Pod): PodScript {
  const text = (name: string): string | undefined => annotations[prefix + name]
  const exitCode = readExitCode(text('exit-code'))
  const isOfJob = ownerReferences?.some(({ kind, controller }) => controller && kind === 'Job')
  const exitAfterMillis = parseDuration(text('exit-after')) ?? (isOfJob && text('exit-after') !== 'never' ? jobMillis : undefined)
  const readyAfterMillis = parseDuration(text('ready-after'))
  const imagePullError = text('image-pull-error')
  return {
    isReady: text('ready') !== 'false',
    ...(readyAfterMillis === undefined ? {} : { readyAfterMillis }),
    startAfterMillis: parseDuration(text('start-after')) ?? 0,
    ...(imagePullError === undefined ? {} : { imagePullError }),
    ...(exitAfterMillis === undefined ? {} : { exitAfterMillis }),
    exitCode,
    exitReason: text('exit-reason') ?? reasonOf(exitCode),
    initExitAfterMillis: parseDuration(text('init-exit-after')) ?? 0,
    initExitCode: readExitCode(text('init-exit-code')),
    stopAfterMillis: text('stop-after') === 'never' ? Number.POSITIVE_INFINITY : (parseDuration(text('stop-after')) ?? 0),
    stopExitCode: isOfJob ? 143 : 0,
  }
}

/** What is no exit code is taken for a failure. */
function readExitCode(text = '0'): number {
  const code = Number(text)
  return Number.isInteger(code) && code >= 0 && code <= 255 ? code : 1
}

/** The reason that goes with a code when nobody names another. */
export const reasonOf = (exitCode: number) => (exitCode === 0 ? 'Completed' : 'Error')
