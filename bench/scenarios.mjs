// The registry: every scenario there is, in the order in which they are measured.
// A scenario is `{ name, text, isLong, run(stand) }`; it gives rows. Long ones take minutes and run when they are named.
import { changes } from './scenarios/changes.mjs'
import { create, createFile, createPod } from './scenarios/creates.mjs'
import { endpoints } from './scenarios/endpoints.mjs'
import { growth } from './scenarios/growth.mjs'
import { grpc } from './scenarios/grpc.mjs'
import { holding } from './scenarios/holding.mjs'
import { http2 } from './scenarios/http2.mjs'
import { idle } from './scenarios/idle.mjs'
import { protobuf } from './scenarios/protobuf.mjs'
import { get, list } from './scenarios/reads.mjs'
import { reopens } from './scenarios/reopen.mjs'
import { scales } from './scenarios/scale.mjs'
import { start } from './scenarios/start.mjs'
import { watches } from './scenarios/watches.mjs'

export const scenarios = [
  start,
  idle,
  create,
  createPod,
  createFile,
  get,
  list,
  ...watches,
  ...changes,
  ...grpc,
  protobuf,
  http2,
  ...scales,
  endpoints,
  holding,
  growth,
  ...reopens,
]
