import { describe, expect, it } from 'vitest'
import { Placeholders } from './placeholders.js'

const uid = (digit: number) => `0000000${digit}-1111-4222-8333-444444444444`

describe('placeholders', () => {
  const placed = (value: unknown) => new Placeholders({ namespace: 'recording-abc' }).putInto(value)

  it.each([
    ['the namespace', { namespace: 'recording-abc', message: 'in recording-abc' }, { namespace: '<namespace>', message: 'in <namespace>' }],
    ['times', { at: '2026-01-02T03:04:05Z', micro: '2026-01-02T03:04:05.678901Z' }, { at: '<time>', micro: '<time>' }],
    ['identities, the same one twice', { uid: uid(1), owner: uid(2), again: uid(1) }, { uid: '<uid-1>', owner: '<uid-2>', again: '<uid-1>' }],
    ['identities in names of members', { [`k:{"uid":"${uid(1)}"}`]: {} }, { 'k:{"uid":"<uid-1>"}': {} }],
    ['versions but those that say any', { resourceVersion: '12', a: { resourceVersion: '0' } }, { resourceVersion: '<rv>', a: { resourceVersion: '0' } }],
    ['tokens of pages', { continue: 'abc' }, { continue: '<continue>' }],
    ['made-up names', { generateName: 'web-', name: 'web-x7f2k' }, { generateName: 'web-', name: 'web-<rand>' }],
    ['made-up names in messages', 'pods "x" of generateName "web-x7f2k"', 'pods "x" of generateName "web-<rand>"'],
    ['the prose of columns', { name: 'Age', priority: 0, format: '', description: 'How old' }, { name: 'Age', priority: 0, format: '', description: '<text>' }],
  ])('stand for %s', (_what, answer, expected) => {
    expect(placed(answer)).toEqual(expected)
  })

  it('know an allocated address and port again in a later message', () => {
    const placeholders = new Placeholders({ namespace: 'recording-abc' })
    const spec = { clusterIP: '10.96.3.4', clusterIPs: ['10.96.3.4'], ports: [{ port: 80, nodePort: 31234 }], healthCheckNodePort: 30001 }
    expect(placeholders.putInto(spec)).toEqual({
      clusterIP: '<clusterIP-1>',
      clusterIPs: ['<clusterIP-1>'],
      ports: [{ port: 80, nodePort: '<nodePort-1>' }],
      healthCheckNodePort: '<nodePort-2>',
    })
    expect(placeholders.putInto('10.96.3.4 and 31234 are taken, 10.96.3.5 and 31235 are not')).toBe(
      '<clusterIP-1> and <nodePort-1> are taken, 10.96.3.5 and 31235 are not',
    )
  })

  it('leave alone what a client chose', () => {
    const spec = { clusterIP: 'None', ports: [{ nodePort: 80 }], name: 'web' }
    expect(placed(spec)).toEqual(spec)
  })
})
