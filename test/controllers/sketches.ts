// Services, pods and nodes in few words, for the controllers of endpoints.
import type { Plain } from '../../src/machinery/index.js'
import type { Sketch } from '../support/snapshot.js'
import { worldTime } from './world.js'

export function serviceSketch(name: string, spec: Plain = {}, metadata: Plain = {}): Sketch {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', ...metadata },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.0.1',
      ipFamilies: ['IPv4'],
      selector: { app: name },
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      ...spec,
    },
  }
}

export interface PodSketch {
  app?: string
  node?: string
  ips?: string[]
  ready?: boolean
  readyChanged?: string
  phase?: string
  deleted?: boolean
  /** Name and number. */
  ports?: [string, number][]
  spec?: Plain
  labels?: Record<string, string>
}

export function podSketch(name: string, sketch: PodSketch = {}): Sketch {
  const {
    app = 'web',
    node = 'node-a',
    ips = ['10.244.0.1'],
    ready = true,
    readyChanged = worldTime,
    phase = 'Running',
    deleted,
    ports = [],
    spec,
    labels,
  } = sketch
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app, ...labels }, ...(deleted ? { deletionTimestamp: worldTime, deletionGracePeriodSeconds: 30 } : {}) },
    spec: {
      nodeName: node,
      containers: [{ name: 'main', image: 'nginx', ports: ports.map(([portName, containerPort]) => ({ name: portName, containerPort, protocol: 'TCP' })) }],
      ...spec,
    },
    status: {
      phase,
      podIP: ips[0],
      podIPs: ips.map((ip) => ({ ip })),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: readyChanged }],
    },
  }
}

/** Addresses that differ and sort as their numbers do. */
export function addressOf(number: number): string {
  return `10.${100 + (number >> 14)}.${100 + ((number >> 7) & 127)}.${100 + (number & 127)}`
}

export function nodeSketch(
  name: string,
  { zone, cpu = '4', ready = true, labels = {} }: { zone?: string; cpu?: string; ready?: boolean; labels?: Record<string, string> } = {},
): Sketch {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { ...(zone ? { 'topology.kubernetes.io/zone': zone } : {}), ...labels } },
    status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }
}
