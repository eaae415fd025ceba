import { setFlagsFromString } from 'node:v8'
import { expect, it } from 'vitest'
import { isObject, type Plain } from '../../src/machinery/index.js'
import { openTestCluster } from '../support/cluster.js'

setFlagsFromString('--allow-natives-syntax')
const haveSameClass = new Function('one', 'other', 'return %HaveSameMap(one, other)') as (one: object, other: object) => boolean

// Tables, which are no classes.
const isTable = new Function('object', 'return !%HasFastProperties(object)') as (object: object) => boolean

/** How many hidden classes there are at each path, for those paths that have more than a few. */
function crowdedPaths(objects: readonly Plain[], path = '', found: Record<string, number> = {}): Record<string, number> {
  const classes: Plain[] = []
  for (const each of objects) if (!isTable(each) && !classes.some((known) => haveSameClass(known, each))) classes.push(each)
  if (classes.length > 4) found[path] = classes.length
  const names = new Set(objects.flatMap((each) => Object.keys(each)))
  for (const name of names) {
    const members = objects.flatMap((each) => each[name])
    crowdedPaths(members.filter(isObject), `${path}.${name}`, found)
  }
  return found
}

it('pods and what is told of them have hidden classes in common', async () => {
  const cluster = openTestCluster({ nodes: 2 })
  cluster.create('v1/nodes', { metadata: { name: 'mine', labels: { 'topology.kubernetes.io/zone': 'a' } } })
  const containers = ['main', 'side'].map((name) => ({ name, image: `registry.example.com/team/${name}:1` }))
  for (let index = 0; index < 40; index++)
    cluster.create('v1/pods', {
      metadata: { name: `pod-${index}`, labels: { app: 'a', number: String(index), part: 'b', tier: 'c' } },
      spec: { containers, nodeName: index % 2 ? 'mine' : undefined },
    })
  await cluster.settled()
  for (const resource of ['v1/pods', 'v1/events']) {
    const objects = cluster.realm.store.list(resource).map(({ object }) => object as Plain)
    expect(objects.length).toBeGreaterThanOrEqual(40)
    expect(crowdedPaths(objects)).toEqual({})
  }
})
