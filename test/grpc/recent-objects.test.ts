import { expect, it } from 'vitest'
import { RecentObjects } from '../../src/grpc/recent-objects.js'

const stored = () => ({}) as Parameters<RecentObjects['bytes']>[0]

it('an object is encoded once while it is asked for', () => {
  const objects = new RecentObjects()
  const one = stored()
  const first = objects.bytes(one, () => Buffer.from('a'))
  expect(objects.bytes(one, () => Buffer.from('b'))).toBe(first)
})

it('what nobody asks for is forgotten, and what somebody asks for is not', () => {
  const objects = new RecentObjects()
  const megabyte = 1024 * 1024
  const [wanted, unwanted] = [stored(), stored()]
  objects.bytes(unwanted, () => Buffer.alloc(megabyte))
  for (let index = 0; index < 20; index++) {
    expect(objects.bytes(wanted, () => (index ? Buffer.from('again') : Buffer.from('first'))).toString()).toBe('first')
    objects.bytes(stored(), () => Buffer.alloc(megabyte))
  }
  expect(objects.bytes(unwanted, () => Buffer.from('again')).toString()).toBe('again')
})

it('a message takes no more memory than its bytes', () => {
  const objects = new RecentObjects()
  const bytes = objects.bytes(stored(), () => Buffer.from('a small message in a large pool'))
  expect(bytes.buffer.byteLength).toBe(bytes.length)
  expect(bytes.toString()).toBe('a small message in a large pool')
})
