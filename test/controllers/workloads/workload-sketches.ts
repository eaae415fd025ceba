// Workloads in few words, and a look at what has become of them.
import type { Plain } from '../../../src/machinery/index.js'
import type { TestCluster } from '../../support/cluster.js'

export function template(app: string, image = 'nginx:1', spec: Plain = {}): Plain {
  return { metadata: { labels: { app } }, spec: { containers: [{ name: 'main', image }], ...spec } }
}

/** Of any kind that has a selector and a template. */
export function workload(name: string, spec: Plain = {}): Plain {
  return { metadata: { name }, spec: { selector: { matchLabels: { app: name } }, template: template(name), ...spec } }
}

/** @param script what its pods do: `exit-after`, `exit-code` … */
export function jobSketch(name: string, spec: Plain = {}, script: Record<string, string> = {}): Plain {
  const annotations = Object.fromEntries(Object.entries(script).map(([key, value]) => [`kubedouble.dev/${key}`, value]))
  const pods = { metadata: { annotations }, spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1' }] } }
  return { metadata: { name }, spec: { template: pods, ...spec } }
}

/** The messages of all events about an object, in the order in which they were first told. */
export function messagesAbout(cluster: TestCluster, name: string): string[] {
  const about = cluster.list('v1/events').filter(({ involvedObject }) => involvedObject?.name === name)
  return about.sort((one, other) => Number(one.metadata.resourceVersion) - Number(other.metadata.resourceVersion)).map(({ message }) => message)
}

/** The condition of a type, as `True Reason`. */
export function conditionOf(object: Plain | undefined, type: string): string | undefined {
  const found = object?.status.conditions?.find((condition: Plain) => condition.type === type)
  return found && `${found.status} ${found.reason}`
}

export const podsOf = (cluster: TestCluster, app: string) => cluster.list('v1/pods').filter(({ metadata }) => metadata.labels?.app === app)
export const imagesOf = (cluster: TestCluster, app: string): string[] => podsOf(cluster, app).map(({ spec }) => spec.containers[0].image)
