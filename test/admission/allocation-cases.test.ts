// Ten thousand Services made, changed and dropped by chance, each answer held against a model of what is taken.
import { expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'
import { type Chance, chanceOf } from '../support/chance.js'
import { nodePorts, openServices, refusal, type Services } from './services.js'

const cases = 10_000
// Small enough to run dry now and then: 30 addresses, 12 ports.
const network = { cidr: '10.96.0.0/27', addresses: 30 }
const portRange = { first: 30_000, last: 30_011 }
const portCount = portRange.last - portRange.first + 1

/** What each Service holds. */
interface Held {
  type: string
  ip: string | undefined
  ports: number[]
}

type Model = Map<string, Held>

const isTaken = (model: Model, name: string, holds: (held: Held) => boolean) => [...model].some(([other, held]) => other !== name && holds(held))
const heldAddresses = (model: Model) => [...model.values()].filter(({ ip }) => ip).length
const heldPorts = (model: Model) => [...model.values()].flatMap(({ ports }) => ports).length

interface Wish {
  name: string
  type: string
  ip?: string
  ports: number[]
}

function wishOf(next: Chance): Wish {
  const type = ['ClusterIP', 'ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'][next(5)]
  const isAsking = next(3) === 0
  const ports = Array.from({ length: 1 + next(2) }, () => (isAsking && needsPorts(type) ? portRange.first + next(portCount + 1) : 0))
  return { name: `s-${next(40)}`, type, ...(next(4) === 0 && type !== 'ExternalName' ? { ip: `10.96.0.${next(33)}` } : {}), ports }
}

const needsPorts = (type: string) => type === 'NodePort' || type === 'LoadBalancer'

function specOf({ type, ip, ports }: Wish): Plain {
  return {
    type,
    ...(ip ? { clusterIP: ip } : {}),
    ...(type === 'ExternalName' ? { externalName: 'example.com' } : {}),
    ports: ports.map((nodePort, index) => ({ name: `p${index}`, port: 80 + index, ...(nodePort ? { nodePort } : {}) })),
  }
}

/** @returns what is wrong with the answer, if anything is */
function judge(model: Model, wish: Wish, answer: Plain): string | undefined {
  const { name, type, ip, ports } = wish
  const number = Number(ip?.split('.')[3])
  const isBadIP = ip !== undefined && (number < 1 || number > network.addresses || isTaken(model, name, (held) => held.ip === ip))
  const isBadPort = (port: number) => port !== 0 && (port > portRange.last || isTaken(model, name, (held) => held.ports.includes(port)))
  const isFull = type !== 'ExternalName' && !ip && heldAddresses(model) >= network.addresses
  const isShort = needsPorts(type) && heldPorts(model) + ports.length > portCount
  const isTwice = ports.length === 2 && ports[0] !== 0 && ports[0] === ports[1]
  const mustRefuse = isBadIP || ports.some(isBadPort) || isFull || isShort || isTwice
  const refused = refusal(answer)
  if (mustRefuse !== (refused !== undefined)) return refused ?? 'it should have been refused'
  if (refused) return undefined
  const held: Held = { type, ip: answer.spec.clusterIP, ports: needsPorts(type) ? (nodePorts(answer) as number[]) : [] }
  model.set(name, held)
  if (ip && held.ip !== ip) return 'it has another address than it asked for'
  if ((held.ip === undefined) !== (type === 'ExternalName')) return 'it has an address without need, or none'
  if (held.ip && isTaken(model, name, (other) => other.ip === held.ip)) return 'it has the address of another'
  if (held.ports.some((port) => isTaken(model, name, (other) => other.ports.includes(port)))) return 'it has the port of another'
  if (ports.some((port, index) => port && held.ports[index] !== port)) return 'it has another port than it asked for'
  if (needsPorts(type) && new Set(held.ports).size !== ports.length) return 'it lacks a port'
  return undefined
}

function step(services: Services, model: Model, next: Chance): string | undefined {
  const wish = wishOf(next)
  if (model.has(wish.name)) {
    services.drop(wish.name)
    model.delete(wish.name)
    return undefined
  }
  return judge(model, wish, services.make(wish.name, specOf(wish)))
}

it(`${cases} requests by chance are granted or refused as a model of what is taken would`, () => {
  const services = openServices({ serviceClusterIPRanges: [{ cidr: network.cidr }], serviceNodePortRange: portRange })
  const model: Model = new Map()
  const next = chanceOf(20261126)
  for (let number = 0; number < cases; number++) {
    const problem = step(services, model, next)
    expect(problem && `${problem}, in case ${number}`).toBeUndefined()
    if (number % 500) continue
    const expected = [...model].flatMap(([name, { ip }]) => (ip ? [[ip, name]] : []))
    expect(services.addresses()).toEqual(Object.fromEntries(expected))
  }
  for (const name of model.keys()) services.drop(name)
  expect(services.addresses()).toEqual({})
})
