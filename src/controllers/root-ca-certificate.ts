// Every namespace has the certificate by which its pods know the API.
// Upstream: pkg/controller/certificates/rootcacertpublisher/publisher.go
import { type Controller, deepEqual, defineController, on, onSelf, type Plan } from '../machinery/index.js'
import { type ConfigMap, configMap, namespace } from '../resources/index.js'
import { isActive } from './namespace/active-namespace.js'

const name = 'kube-root-ca.crt'
const descriptionKey = 'kubernetes.io/description'
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

interface Observed {
  namespace: string
  present: ConfigMap | undefined
}

/** @param clusterCA PEM */
export function rootCACertificateController(clusterCA: string): Controller<Observed> {
  const data = { 'ca.crt': clusterCA }
  return defineController<Observed>({
    name: 'root-ca-certificate-publisher-controller',
    fieldManager: 'kube-controller-manager',
    username: 'system:serviceaccount:kube-system:root-ca-cert-publisher',
    watches: [
      onSelf(namespace),
      on(configMap, ({ object }) => (object.metadata.name === name ? [{ namespace: '', name: object.metadata.namespace as string }] : [])),
    ],
    observe({ name: of }, snapshot) {
      if (!isActive(snapshot.get(namespace, { name: of }))) return undefined
      return { namespace: of, present: snapshot.get(configMap, { namespace: of, name }) }
    },
    reconcile({ namespace: of, present }): Plan {
      if (!present) {
        const metadata = { name, namespace: of, annotations: { [descriptionKey]: description } }
        return { writes: [{ verb: 'create', definition: configMap, object: { metadata, data } }] }
      }
      const { annotations } = present.metadata
      if (deepEqual(present.data, data) && annotations?.[descriptionKey] === description) return { writes: [] }
      const metadata = { ...present.metadata, annotations: { ...annotations, [descriptionKey]: description } }
      return { writes: [{ verb: 'update', definition: configMap, object: { ...present, metadata, data } }] }
    },
  })
}
