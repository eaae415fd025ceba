import { expect, it } from 'vitest'
import { encodeListAnswer } from '../../src/http/reply.js'
import { configMap as definition } from '../../src/resources/index.js'
import { StoredObject } from '../../src/storage/index.js'

it('a list that takes long to print leaves others their turn', async () => {
  const slow = (index: number) => {
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: `n${index}`, resourceVersion: '1' }, data: { text: 'x'.repeat(70_000) } }
    const stored = new StoredObject(definition.key, { namespace: 'a', name: `n${index}` }, index, object as never)
    Object.defineProperty(stored, 'printedOnce', {
      get() {
        const end = performance.now() + 2
        while (performance.now() < end);
        return `${JSON.stringify(object)}\n`
      },
    })
    return stored
  }
  let turns = 0
  const others = setInterval(() => turns++, 0)
  const items = Array.from({ length: 30 }, (_, index) => slow(index))
  const representation = { format: 'json' as const, version: 'v1' as const, contentType: 'application/json' }
  const context = { definition, representation, isPretty: false, isRead: false, now: 0, shapeOf: () => undefined }
  const { body } = await encodeListAnswer({ items, isWhole: true, metadata: { resourceVersion: '1' } }, context)
  clearInterval(others)
  expect(JSON.parse((body as Buffer[]).map(String).join('')).items).toHaveLength(30)
  expect(turns).toBeGreaterThan(3)
})
