// Says in events when nodes come and go.
// Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go monitorNodeHealth, component-helpers/node/util RecordNodeEvent
// Differs: only simulated nodes are told of, once, with the first report of their kubelet; when nothing is left of that event, their
// going is not told either.
import { type Controller, defineController, defineIndex, on, type Plan, type PlannedEvent } from '../../machinery/index.js'
import { type Event, event, type Node, node } from '../../resources/index.js'

const registered = 'RegisteredNode'

const registrations = defineIndex<Event>({
  definition: event,
  values: ({ reason, involvedObject: { kind, name } }) => (reason === registered && kind === 'Node' ? [name ?? ''] : []),
})

export function registrationEvent({ metadata: { name = '', uid } }: Node): PlannedEvent {
  return eventOf({ name, uid, reason: registered, what: `Registered Node ${name} in Controller` })
}

interface Gone {
  name: string
  uid: string | undefined
}

export const nodeRegistrationController: Controller<Gone> = defineController<Gone>({
  name: 'node-lifecycle-controller',
  fieldManager: 'kube-controller-manager',
  username: 'system:serviceaccount:kube-system:node-controller',
  watches: [on(node, ({ object, deleted }) => (deleted ? [{ namespace: '', name: object.metadata.name as string }] : []))],
  observe({ name }, snapshot) {
    const told = snapshot.get(node, { name }) ? undefined : snapshot.find(registrations, name).at(-1)
    return told && { name, uid: told.involvedObject.uid }
  },
  reconcile({ name, uid }): Plan {
    return { writes: [{ verb: 'event', event: eventOf({ name, uid, reason: 'RemovingNode', what: `Removing Node ${name} from Controller` }) }] }
  },
})

function eventOf({ name, uid, reason, what }: Gone & { reason: string; what: string }): PlannedEvent {
  const regarding = { apiVersion: 'v1', kind: 'Node', name, uid }
  return { regarding, type: 'Normal', reason, message: `Node ${name} event: ${what}`, component: 'node-controller' }
}
