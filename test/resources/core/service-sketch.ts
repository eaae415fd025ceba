// Services as a client writes them, made ready as the server does before the kind's own rules are asked.
import { type KubeObject, recanonicalize } from '../../../src/machinery/index.js'
import { defaultObject, type Service, service } from '../../../src/resources/index.js'

export const context = { now: Date.parse('2024-01-02T03:04:05Z'), user: { username: 'tester', groups: [] } }

/** A service with port 80, with defaults but nothing allocated. `spec` adds and replaces, `undefined` takes away. */
export function serviceOf(spec: object = {}, { metadata = {}, status }: { metadata?: object; status?: object } = {}): Service {
  const sketch = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '7', ...metadata },
    spec: JSON.parse(JSON.stringify({ ports: [{ port: 80 }], ...spec })),
    ...(status ? { status } : {}),
  }
  const draft = recanonicalize(service.shape, sketch) as unknown as KubeObject
  defaultObject(service, draft, context)
  return recanonicalize(service.shape, draft) as unknown as Service
}

/** The same with what allocation gives a service of one family. */
export function allocated(spec: object = {}, more: { metadata?: object; status?: object } = {}): Service {
  return serviceOf({ clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', ...spec }, more)
}
