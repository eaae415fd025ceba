export type { Caller, Identify } from './caller.js'
export { GrpcListener, type GrpcListenerOptions } from './listener.js'
export { Serving } from './serving.js'
