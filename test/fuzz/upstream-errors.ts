// UpstreamErrors: the answers of 500 and above that a real API server gives for the same input. Whatever else fails so is a mistake of ours.

export interface UpstreamError {
  code: number
  message: RegExp
  /** Why a client gets it. */
  reason: string
  /** Where a real server has it from. */
  upstream: string
}

export const upstreamErrors: readonly UpstreamError[] = [
  {
    code: 500,
    message: /^etcdserver: request is too large$/,
    reason: 'the object is larger than the store takes, though its body is not larger than the API takes',
    upstream: 'etcd server/etcdserver/v3_server.go ErrRequestTooLarge, passed on by apiserver/pkg/storage/etcd3/store.go',
  },
  {
    code: 500,
    message: /^resourceVersion should not be set on objects to be created$/,
    reason: 'what is created names a version',
    upstream: 'apiserver/pkg/storage/errors.go ErrResourceVersionSetOnCreate',
  },
  {
    code: 500,
    message: /^resourceVersion: Invalid value: "/,
    reason: 'one object is read at a version that is none',
    upstream: 'apiserver/pkg/storage/cacher/cacher.go Get, ParseResourceVersion: no error that the API knows, where lists and watches refuse it with 400',
  },
  {
    code: 500,
    message: /^failed to create typed (?:patch|live|new) object \(/,
    reason: 'an applied configuration that has no typed form: unknown fields, repeated keys of a list',
    upstream: 'apimachinery/pkg/util/managedfields/internal/structuredmerge.go Apply',
  },
  {
    code: 500,
    message: /^failed to convert new typed object \(/,
    reason: 'an applied value that its Go type cannot hold',
    upstream: 'apimachinery/pkg/util/managedfields/internal/structuredmerge.go Apply, toVersioned',
  },
  {
    code: 505,
    message: /^unsupported protocol version$/,
    reason: 'a request line that claims HTTP/2 or HTTP/0.9',
    upstream: 'net/http server.go http1ServerSupportsRequest',
  },
  {
    code: 504,
    message: /^Timeout: Too large resource version: \d+, current: \d+$/,
    reason: 'a version that is not there yet is waited for, in vain',
    upstream: 'apiserver/pkg/storage/errors.go NewTooLargeResourceVersionError',
  },
  {
    code: 500,
    message: /^duplicate nodePort: /,
    reason: 'two ports of a Service ask for one node port',
    upstream: 'pkg/registry/core/service/storage/alloc.go initNodePorts, updateNodePorts',
  },
  {
    code: 500,
    message: /^Internal error occurred: failed to allocate a (?:nodePort|HealthCheck NodePort 0): /,
    reason: 'no node port is free',
    upstream: 'pkg/registry/core/service/storage/alloc.go allocNodePorts, allocHealthCheckNodePort',
  },
  {
    code: 500,
    message: /^Internal error occurred: failed to allocate requested HealthCheck NodePort -?\d+: /,
    reason: 'the port for health checks is taken, or is none of the range',
    upstream: 'pkg/registry/core/service/storage/alloc.go allocHealthCheckNodePort',
  },
  {
    code: 500,
    message: /^Internal error occurred: failed to allocate a serviceIP: /,
    reason: 'no cluster address is free',
    upstream: 'pkg/registry/core/service/storage/alloc.go allocClusterIPs',
  },
  {
    code: 500,
    message: /^This pod has more than one PodDisruptionBudget, which the eviction subresource does not support\.$/,
    reason: 'an eviction under two budgets',
    upstream: 'pkg/registry/core/pod/storage/eviction.go Create',
  },
  {
    code: 500,
    message: /^target\.(?:kind|name): |^\[target\.kind: /,
    reason: 'a pod is bound to nothing, or to what is no node',
    upstream: 'pkg/registry/core/pod/storage/storage.go BindingREST.Create, errs.ToAggregate',
  },
  {
    code: 500,
    message: /^map: [\s\S]* does not contain declared merge key: /,
    reason: 'an element of a strategic merge patch that says not which one it is',
    upstream: 'apimachinery/pkg/util/mergepatch/errors.go ErrNoMergeKey',
  },
  {
    code: 500,
    message: /^unknown patch type: /,
    reason: 'a $patch that is no directive',
    upstream: 'apimachinery/pkg/util/mergepatch/errors.go ErrBadPatchType',
  },
  {
    code: 500,
    message: /^expected a .*, but received a /,
    reason: 'a value of another type than what a strategic merge patch should change',
    upstream: 'apimachinery/pkg/util/mergepatch/errors.go ErrBadArgType',
  },
  {
    code: 500,
    message:
      /^merging an object in json but data type is not struct, instead is: (?:slice|interface)$|^unable to find api field in struct \S+ for the json field "|^expected slice or array type, but got: |^unexpected slice of slice$/,
    reason: 'a strategic merge patch of what the type does not have',
    upstream: 'apimachinery/pkg/util/strategicpatch/meta.go PatchMetaFromStruct, third_party/forked/golang/json/fields.go',
  },
  {
    code: 500,
    message: /^The order in patch list:\n/,
    reason: 'a $setElementOrder that does not go with the list beside it',
    upstream: 'apimachinery/pkg/util/strategicpatch/patch.go validatePatchWithSetOrderList',
  },
  {
    code: 500,
    message: /^cannot merge lists without merge key for type struct$|^no elements in any of the given slices$|^list element types are not identical: /,
    reason: 'a strategic merge patch of lists whose elements nothing tells apart, which are of several types, or of none at all',
    upstream: 'apimachinery/pkg/util/strategicpatch/patch.go mergeSliceWithoutSpecialElements, sliceElementType',
  },
]

export function isUpstreamError(code: number, message: string): boolean {
  return upstreamErrors.some((each) => each.code === code && each.message.test(message))
}
