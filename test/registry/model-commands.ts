// Commands for the registry and its model, made by chance. What they name, they name by number: which object there is, which
// version was once current, is found out when their turn comes.
import fc from 'fast-check'
import type { Content, Propagation } from './model.js'

/** A number that chooses from whatever there is. */
type Choice = number

interface OfObject {
  kind: Choice
  /** Of a few paths, so that commands meet. */
  path: Choice
  isDryRun: boolean
}

/** Which version, or uid, a write names: none, the right one, or one of old. */
export type Named = 'none' | 'right' | { old: Choice }

interface Preconditions {
  version: Named
  uid: Named
}

interface OfCollection {
  kind: Choice
  /** Undefined: all of them. */
  namespace: Choice | undefined
  selector: Choice
}

export type PatchForm = 'merge' | 'strategic' | 'json'

export type Command =
  | ({ verb: 'create'; content: Content } & OfObject)
  | ({ verb: 'update'; content: Content } & OfObject & Preconditions)
  | ({ verb: 'patch'; content: Partial<Content>; form: PatchForm } & OfObject & Preconditions)
  | ({ verb: 'apply'; value: string; manager: string; isForced: boolean } & OfObject)
  | ({ verb: 'delete'; propagation: Propagation; isOldWay: boolean } & OfObject & Preconditions)
  | ({ verb: 'deletecollection'; propagation: Propagation } & OfCollection)
  | ({ verb: 'get' } & OfObject)
  | ({ verb: 'list'; at: 'now' | { revision: Choice; isExact: boolean }; limit: number } & OfCollection)
  /** The next page of a list that was begun some time ago. */
  | { verb: 'continue'; list: Choice }
  | ({ verb: 'watch'; from: 'now' | 'everything' | { revision: Choice }; hasInitialEnd: boolean } & OfCollection)
  | { verb: 'wait'; millis: number }
  /** Closes the log and opens it again, when it is in a file. */
  | { verb: 'reopen' }

const choice = fc.nat({ max: 999 })
const value = fc.constantFrom('1', '2', '3')
const color = fc.constantFrom(undefined, 'red', 'blue')
const finalizers = fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.subarray(['example.com/a', 'example.com/b']))
const content: fc.Arbitrary<Content> = fc.record({ value, color, finalizers })
// A patch may leave anything out.
const part: fc.Arbitrary<Partial<Content>> = fc.record({ value, color, finalizers }, { requiredKeys: [] })
const object = { kind: choice, path: choice, isDryRun: fc.nat({ max: 9 }).map((number) => number === 0) }
const named: fc.Arbitrary<Named> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('right' as const) },
  { weight: 2, arbitrary: fc.constant('none' as const) },
  fc.record({ old: choice }),
)
const rarelyNamed: fc.Arbitrary<Named> = fc.oneof({ weight: 4, arbitrary: fc.constant('none' as const) }, named)
const preconditions = { version: named, uid: rarelyNamed }
const collection = { kind: choice, namespace: fc.option(choice, { nil: undefined }), selector: choice }
const propagation: fc.Arbitrary<Propagation> = fc.constantFrom(undefined, undefined, 'Background', 'Foreground', 'Orphan')

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ verb: fc.constant('create' as const), ...object, content }) },
  { weight: 6, arbitrary: fc.record({ verb: fc.constant('update' as const), ...object, ...preconditions, content }) },
  {
    weight: 5,
    arbitrary: fc.record({
      verb: fc.constant('patch' as const),
      ...object,
      version: rarelyNamed,
      uid: fc.constant('none' as const),
      content: part,
      form: fc.constantFrom<PatchForm>('merge', 'strategic', 'json'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('apply' as const),
      ...object,
      value,
      manager: fc.constantFrom('alice', 'bob'),
      isForced: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('delete' as const),
      ...object,
      version: rarelyNamed,
      uid: rarelyNamed,
      propagation,
      isOldWay: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('deletecollection' as const), ...collection, propagation }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('get' as const), ...object }) },
  {
    weight: 3,
    arbitrary: fc.record({
      verb: fc.constant('list' as const),
      ...collection,
      at: fc.oneof(fc.constant('now' as const), fc.record({ revision: choice, isExact: fc.boolean() })),
      limit: fc.constantFrom(0, 1, 2, 3),
    }),
  },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('continue' as const), list: choice }) },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant('watch' as const),
      ...collection,
      from: fc.oneof(fc.constant('now' as const), fc.constant('everything' as const), fc.record({ revision: choice })),
      hasInitialEnd: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('wait' as const), millis: fc.constantFrom(1, 400, 2000) }) },
  { weight: 1, arbitrary: fc.constant({ verb: 'reopen' as const }) },
)

export const commands: fc.Arbitrary<Command[]> = fc.array(command, { minLength: 1, maxLength: 120, size: 'max' })
