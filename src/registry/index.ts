export { DataFileError, runsOf, type SnapshotChange, type Stored } from '../storage/index.js'
export { apply } from './apply.js'
export { Catalogue } from './catalogue.js'
export { create } from './create.js'
export { decodeObject, typeMetaError } from './decode.js'
export { remove } from './delete.js'
export { removeCollection } from './delete-collection.js'
export { apiGroup, apiGroupDiscoveryList, apiGroupList, apiResourceList, apiVersions } from './discovery.js'
export { type ListAnswer, type ListOptions, list } from './list.js'
export {
  type Checked,
  checkDeleteOptions,
  checkReadOptions,
  checkWriteOptions,
  type GivenWriteOptions,
  type ReadOptions,
  type WriteKind,
} from './options.js'
export { type Patch, type PatchType, patch } from './patch.js'
export { get } from './read.js'
export { type Answer, type Body, type Call, objectOf, type Realm, snapshotOf, viewOf, type WriteCall, type WriteOptions, writeCall } from './realm.js'
export { getScale, patchScale, updateScale } from './scale.js'
export { type Seed, sow } from './seed.js'
export { createSubresource } from './subresource.js'
export { update } from './update.js'
export { type Notice, type Watching, type WatchOptions, watch } from './watch.js'
