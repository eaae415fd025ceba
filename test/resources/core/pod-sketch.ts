// Pods as a client writes them, made ready as the server does before the kind's own rules are asked.
import { type KubeObject, recanonicalize } from '../../../src/machinery/index.js'
import { defaultObject } from '../../../src/resources/defaults.js'
import type { Pod } from '../../../src/resources/index.js'
import { pod } from '../../../src/resources/index.js'

export const context = { now: Date.parse('2024-01-02T03:04:05Z'), user: { username: 'tester', groups: [] } }

/** A pod of one container, with defaults. `spec` adds and replaces. */
export function podOf(spec: object = {}, { metadata = {}, status }: { metadata?: object; status?: object } = {}): Pod {
  const sketch = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'shop', uid: 'u', resourceVersion: '7', generation: 1, ...metadata },
    spec: { containers: [{ name: 'c', image: 'a' }], ...spec },
    ...(status ? { status } : {}),
  }
  const draft = recanonicalize(pod.shape, sketch) as unknown as KubeObject
  defaultObject(pod, draft, context)
  return recanonicalize(pod.shape, draft) as unknown as Pod
}
