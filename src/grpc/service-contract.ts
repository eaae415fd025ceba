// What the generated contract says of a service. Upstream: none; gRPC is kubedouble's own wire.

export type MethodName = 'Get' | 'List' | 'Create' | 'Update' | 'UpdateStatus' | 'Patch' | 'Apply' | 'Delete' | 'DeleteCollection' | 'Watch'

export interface MethodContract {
  name: MethodName
  /** Keys of the types of its messages: `kubedouble/v1.PodsGetRequest`, `core/v1.Pod`. */
  request: string
  response: string
}

export interface ServiceContract {
  /** `kubedouble.v1.Pods` */
  name: string
  /** `v1/pods`; absent: the request says which. */
  resource: string | undefined
  methods: readonly MethodContract[]
}
