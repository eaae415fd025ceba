// PodScript: what annotations say a simulated pod should do. Images are never run, so without a word containers run for ever, but
// those of a Job: they have done their work after a second.
import type { Pod } from '../../resources/index.js'
import { parseDuration } from '../duration.js'

const prefix = 'kubedouble.dev/'

export interface PodScript {
  /** `kubedouble.dev/ready: "false"`: containers run and are not ready. */
  isReady: boolean
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
  /** `kubedouble.dev/stop-after: 10s`: how long containers take to end when told to; `never`: nobody comes to tell them. */
  stopAfterMillis: number
  /** What containers end with that are told to: 0, but in the pods of a Job 143, for their work is not done. */
  stopExitCode: number
}

const jobMillis = 1000

export function readPodScript({ metadata: { annotations = {}, ownerReferences } }: Pod): PodScript {
  const text = (name: string): string | undefined => annotations[prefix + name]
  const exitCode = Number(text('exit-code') ?? 0)
  const isCode = Number.isInteger(exitCode) && exitCode >= 0 && exitCode <= 255
  const code = isCode ? exitCode : 1
  const isOfJob = ownerReferences?.some(({ kind, controller }) => controller && kind === 'Job')
  const exitAfterMillis = parseDuration(text('exit-after')) ?? (isOfJob && text('exit-after') !== 'never' ? jobMillis : undefined)
  const imagePullError = text('image-pull-error')
  return {
    isReady: text('ready') !== 'false',
    ...(imagePullError === undefined ? {} : { imagePullError }),
    ...(exitAfterMillis === undefined ? {} : { exitAfterMillis }),
    exitCode: code,
    exitReason: text('exit-reason') ?? (code === 0 ? 'Completed' : 'Error'),
    stopAfterMillis: text('stop-after') === 'never' ? Number.POSITIVE_INFINITY : (parseDuration(text('stop-after')) ?? 0),
    stopExitCode: isOfJob ? 143 : 0,
  }
}
