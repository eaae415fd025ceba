export { systemClock } from './clock.js'
export { type Birth, type Cluster, type ClusterOptions, openCluster } from './cluster.js'
export { randomSource } from './random.js'
