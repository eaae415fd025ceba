// How nodes are printed.
// Upstream: pkg/printers/internalversion/printers.go printNode
import type { Cell } from '../../machinery/index.js'
import { sortedSetText } from '../printing.js'
import type { Node } from '../shapes/core-v1.js'

export const nodeCells: Record<string, (node: Node) => Cell> = {
  Status: statusText,
  Roles: rolesText,
  Version: ({ status }) => status.nodeInfo.kubeletVersion,
  'Internal-IP': (node) => addressOf(node, 'InternalIP'),
  'External-IP': (node) => addressOf(node, 'ExternalIP'),
  'OS-Image': ({ status }) => status.nodeInfo.osImage || '<unknown>',
  'Kernel-Version': ({ status }) => status.nodeInfo.kernelVersion || '<unknown>',
  'Container-Runtime': ({ status }) => status.nodeInfo.containerRuntimeVersion || '<unknown>',
}

function statusText({ spec, status }: Node): string {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  const state = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'
  return spec.unschedulable ? `${state},SchedulingDisabled` : state
}

const rolePrefix = 'node-role.kubernetes.io/'

function rolesText({ metadata: { labels = {} } }: Node): string {
  const roles = Object.keys(labels)
    .filter((key) => key.startsWith(rolePrefix))
    .map((key) => key.slice(rolePrefix.length))
  const named = labels['kubernetes.io/role']
  return sortedSetText([...roles, named ?? ''].filter(Boolean)) || '<none>'
}

function addressOf({ status }: Node, wanted: string): string {
  return status.addresses?.find(({ type }) => type === wanted)?.address ?? '<none>'
}
