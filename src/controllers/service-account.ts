// Every namespace has a service account for pods that name none.
// Upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go
import { defineController, on, onSelf, type Plan } from '../machinery/index.js'
import { namespace, serviceAccount } from '../resources/index.js'
import { isActive } from './namespace/active-namespace.js'

const name = 'default'

export const serviceAccountController = defineController<string>({
  name: 'serviceaccount-controller',
  fieldManager: 'kube-controller-manager',
  username: 'system:serviceaccount:kube-system:service-account-controller',
  watches: [
    onSelf(namespace),
    on(serviceAccount, ({ object, deleted }) =>
      deleted && object.metadata.name === name ? [{ namespace: '', name: object.metadata.namespace as string }] : [],
    ),
  ],
  observe({ name: of }, snapshot) {
    if (!isActive(snapshot.get(namespace, { name: of }))) return undefined
    return snapshot.get(serviceAccount, { namespace: of, name }) ? undefined : of
  },
  reconcile(of): Plan {
    return { writes: [{ verb: 'create', definition: serviceAccount, object: { metadata: { name, namespace: of } } }] }
  },
})
