// Says in events when nodes come and go.
// Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go monitorNodeHealth, component-helpers/node/util RecordNodeEvent
// Differs: a node is told of once, not again at each start of the controller; whether it was told is read from the event itself.
import { type Controller, defineController, defineIndex, on, type Plan } from '../../machinery/index.js'
import { type Event, event, node } from '../../resources/index.js'

const component = 'node-controller'
const registered = 'RegisteredNode'
/** No longer than events last: an old node whose event is forgotten is no news. */
const newsMillis = 1_800_000

const registrations = defineIndex<Event>({
  definition: event,
  values: ({ reason, involvedObject: { kind, name } }) => (reason === registered && kind === 'Node' ? [name ?? ''] : []),
})

interface Observed {
  name: string
  uid: string | undefined
  news: typeof registered | 'RemovingNode'
}

export const nodeRegistrationController: Controller<Observed> = defineController<Observed>({
  name: 'node-lifecycle-controller',
  fieldManager: 'kube-controller-manager',
  username: 'system:serviceaccount:kube-system:node-controller',
  watches: [on(node, ({ object, old, deleted }) => (old && !deleted ? [] : [{ namespace: '', name: object.metadata.name as string }]))],
  observe({ name }, snapshot) {
    const uid = snapshot.get(node, { name })?.metadata.uid
    const told = snapshot.find(registrations, name).map(({ involvedObject }) => involvedObject.uid)
    if (uid === undefined) return told.length ? { name, uid: told[told.length - 1], news: 'RemovingNode' } : undefined
    const birth = Date.parse(snapshot.get(node, { name })?.metadata.creationTimestamp ?? '')
    return told.includes(uid) || snapshot.now - birth > newsMillis ? undefined : { name, uid, news: registered }
  },
  reconcile({ name, uid, news }): Plan {
    const what = news === registered ? `Registered Node ${name} in Controller` : `Removing Node ${name} from Controller`
    const message = `Node ${name} event: ${what}`
    return {
      writes: [{ verb: 'event', event: { regarding: { apiVersion: 'v1', kind: 'Node', name, uid }, type: 'Normal', reason: news, message, component } }],
    }
  },
})
