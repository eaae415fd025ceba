// The story with @kubernetes/client-node. It has no leader election of its own, so there is none here.
import { core, namespace } from './cluster.js'
import { tellOfObjects } from './objects.js'
import { tellOfWatches } from './watches.js'

await tellOfObjects()
await tellOfWatches()
await core.deleteNamespace({ name: namespace })
