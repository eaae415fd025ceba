// BalancerScript: what annotations of a Service say its load balancer should do. Without a word it stands at once.
import type { Service } from '../../resources/index.js'
import { parseDuration } from '../duration.js'

const prefix = 'kubedouble.dev/load-balancer-'

export interface BalancerScript {
  /** `kubedouble.dev/load-balancer-delay: 30s`: it takes so long to make; when absent the server's own delay counts. */
  delayMillis?: number
  /** `kubedouble.dev/load-balancer-failure: quota exceeded`: it cannot be made, with this message. */
  failure?: string
  /** `kubedouble.dev/load-balancer-hostname: lb.example.com`: it is known by a name, and has no address. */
  hostname?: string
  /** `kubedouble.dev/load-balancer-pending: "true"`: it is never done. */
  isPending: boolean
}

export function readBalancerScript({ metadata: { annotations = {} } }: Service): BalancerScript {
  const text = (name: string): string | undefined => annotations[prefix + name]
  const delay = text('delay')
  const delayMillis = parseDuration(delay)
  const isUnreadable = delay !== undefined && delayMillis === undefined
  const failure = isUnreadable ? `annotation ${prefix}delay is no duration such as 30s: ${JSON.stringify(delay)}` : text('failure')
  const hostname = text('hostname')
  return {
    ...(delayMillis === undefined ? {} : { delayMillis }),
    ...(failure === undefined ? {} : { failure }),
    ...(hostname === undefined ? {} : { hostname }),
    isPending: text('pending') === 'true',
  }
}
