import { beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { causesOf, openRealm, type TestRealm, testNamespace } from '../../support/realm.js'

const older = 'v1/events'
const newer = 'events.k8s.io/v1/events'
let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
  for (const name of ['default', 'kube-system']) realm.create('v1/namespaces', { metadata: { name } })
})

const pod = { kind: 'Pod', name: 'p', namespace: testNamespace }
const time = '2026-11-22T11:00:00.000000Z'
const report = { eventTime: time, reportingController: 'example.com/x', reportingInstance: 'i', action: 'Do', reason: 'Tested', type: 'Normal' }
const newEvent = (content: Plain = {}) => ({ metadata: { name: 'e' }, regarding: pod, ...report, ...content })
const oldEvent = (content: Plain = {}) => ({ metadata: { name: 'e' }, involvedObject: pod, ...content })
const mismatch = (namespace: string) => `involvedObject.namespace: Invalid value: "${namespace}": does not match event.namespace`

describe('an event of the older group', () => {
  it.each<[string, Plain, string[]]>([
    ['of an object elsewhere', oldEvent({ involvedObject: { ...pod, namespace: 'elsewhere' } }), [mismatch('elsewhere')]],
    ['of an object without a namespace', oldEvent({ involvedObject: { kind: 'Node', name: 'n' } }), [mismatch('')]],
    ['of such an object, told in default', oldEvent({ metadata: { name: 'e', namespace: 'default' }, involvedObject: { kind: 'Node', name: 'n' } }), []],
    [
      'of such an object, told in kube-system',
      oldEvent({ metadata: { name: 'e', namespace: 'kube-system' }, involvedObject: { kind: 'Node', name: 'n' } }),
      [mismatch('')],
    ],
    [
      'of such an object, told in kube-system at a time of its own',
      oldEvent({
        metadata: { name: 'e', namespace: 'kube-system' },
        involvedObject: { kind: 'Node', name: 'n' },
        ...{ eventTime: time, reportingComponent: 'x', reportingInstance: 'i', action: 'Do', reason: 'Tested' },
      }),
      [],
    ],
    [
      'with a time of its own and nothing else',
      oldEvent({ eventTime: time }),
      [
        'reportingComponent: Required value',
        'reportingComponent: Invalid value: "": name part must be non-empty',
        "reportingComponent: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        'reportingInstance: Required value',
        'action: Required value',
        'reason: Required value',
      ],
    ],
    ['with any name, type and finalizer', oldEvent({ metadata: { name: 'P_1', finalizers: ['mine'] }, type: 'Odd' }), []],
  ])('%s', (_name, event, causes) => {
    expect(causesOf(realm.create(older, event))).toEqual(causes)
  })

  it('may be changed in every way that could be created', () => {
    realm.create(older, oldEvent())
    const edit = (event: Plain) => Object.assign(event, { reason: 'Other', count: 7, series: { count: 1 } })
    expect(causesOf(realm.change(older, 'e', edit))).toEqual([])
  })
})

describe('an event of the newer group', () => {
  it('is the same object as that of the older', () => {
    realm.create(newer, newEvent({ note: 'hi', series: { count: 2, lastObservedTime: time } }))
    const seen = realm.change(older, 'e', () => {}) as Plain
    const { reportingController, ...common } = report
    expect(seen).toMatchObject({
      ...common,
      apiVersion: 'v1',
      involvedObject: pod,
      message: 'hi',
      reportingComponent: reportingController,
      series: { count: 2 },
    })
    const source = { component: 'c', host: 'h' }
    realm.create(
      older,
      oldEvent({ metadata: { name: 'f' }, message: 'ho', source, count: 3, firstTimestamp: '2026-11-22T11:00:00Z', reason: 'R', type: 'Normal' }),
    )
    const back = realm.change(newer, 'f', () => {}) as Plain
    expect(back).toMatchObject({ note: 'ho', regarding: pod, deprecatedSource: source, deprecatedCount: 3, deprecatedFirstTimestamp: '2026-11-22T11:00:00Z' })
    expect(Object.keys(back)).toEqual(expect.not.arrayContaining(['message', 'involvedObject', 'source', 'count', 'reportingComponent']))
  })

  it.each<[string, Plain, string[]]>([
    ['as it should be', {}, []],
    ['without a time', { eventTime: undefined }, ['eventTime: Required value']],
    ['of an odd type', { type: 'Odd' }, ['type: Invalid value: "": has invalid value: Odd']],
    [
      'told by nobody',
      { reportingController: undefined },
      ['reportingController: Required value', 'reportingController: Invalid value: "": name part must be non-empty'],
    ],
    [
      'with long words',
      { action: 'a'.repeat(129), reason: 'a'.repeat(129), reportingInstance: 'a'.repeat(129), note: 'a'.repeat(1025) },
      [
        'reportingInstance: Invalid value: "": can have at most 128 characters',
        'action: Invalid value: "": can have at most 128 characters',
        'reason: Invalid value: "": can have at most 128 characters',
        'message: Invalid value: "": can have at most 1024 characters',
      ],
    ],
    ['of a node, told in this namespace', { regarding: { kind: 'Node', name: 'n' } }, [mismatch('')]],
    ['of an object elsewhere', { regarding: { ...pod, namespace: 'elsewhere' } }, []],
    ['with a series of one', { series: { count: 1 } }, ['series.count: Invalid value: "": should be at least 2', 'series.lastObservedTime: Required value']],
    [
      'with what is deprecated',
      {
        deprecatedSource: { host: 'h' },
        deprecatedCount: 1,
        deprecatedFirstTimestamp: '2026-11-22T11:00:00Z',
        deprecatedLastTimestamp: '2026-11-22T11:00:00Z',
      },
      [
        'firstTimestamp: Invalid value: "": needs to be unset',
        'lastTimestamp: Invalid value: "": needs to be unset',
        'count: Invalid value: "": needs to be unset',
        'source: Invalid value: "": needs to be unset',
      ],
    ],
    [
      'with a finalizer of nobody',
      { metadata: { name: 'e', finalizers: ['mine'] } },
      ['metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified'],
    ],
  ])('%s', (_name, content, causes) => {
    const found = causesOf(realm.create(newer, newEvent(content))).filter((cause) => !cause.includes('name part must consist'))
    expect(found).toEqual(causes)
  })

  const immutable = (path: string, value: string) => `${path}: Invalid value: ${value}: field is immutable`
  it.each<[string, Plain, string[]]>([
    ['its series', { series: { count: 2, lastObservedTime: time } }, []],
    ['its series badly', { series: { count: 1, lastObservedTime: time } }, ['series.count: Invalid value: "": should be at least 2']],
    [
      'its object',
      { regarding: { ...pod, name: 'q' } },
      [immutable('involvedObject', `{"Kind":"Pod","Namespace":"${testNamespace}","Name":"q","UID":"","APIVersion":"","ResourceVersion":"","FieldPath":""}`)],
    ],
    ['its reason, of which upstream asks twice', { reason: 'Other' }, [immutable('reason', '"Other"'), immutable('reason', '"Other"')]],
    ['its note', { note: 'other' }, [immutable('message', '"other"')]],
    ['its time', { eventTime: '2026-11-22T11:00:00.000001Z' }, [immutable('eventTime', '"2026-11-22T11:00:00.000001Z"')]],
    ['its source', { deprecatedSource: { host: 'h' } }, [immutable('source', '{"Component":"","Host":"h"}')]],
    ['its count', { deprecatedCount: 2 }, [immutable('count', '2')]],
    [
      'what it is related to',
      { related: { kind: 'Pod', name: 'q' } },
      [immutable('related', '{"Kind":"Pod","Namespace":"","Name":"q","UID":"","APIVersion":"","ResourceVersion":"","FieldPath":""}')],
    ],
  ])('may change %s: %#', (_name, change, causes) => {
    realm.create(newer, newEvent())
    expect(causesOf(realm.change(newer, 'e', (event) => Object.assign(event, change)))).toEqual(causes)
  })
})
