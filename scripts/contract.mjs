// The gRPC contract of kubedouble.v1 as data: what each method asks and answers, in the words of schema/types.txt with a
// comment after each field. The .proto files and the tables of src/grpc/contract.ts are made from it.

/** Kinds with a service of their own: its name, and the resource. */
export const typedServices = [
  ['Namespaces', 'v1/namespaces'],
  ['Nodes', 'v1/nodes'],
  ['Pods', 'v1/pods'],
  ['Services', 'v1/services'],
  ['Endpoints', 'v1/endpoints'],
  ['EndpointSlices', 'discovery.k8s.io/v1/endpointslices'],
  ['ConfigMaps', 'v1/configmaps'],
  ['Secrets', 'v1/secrets'],
  ['Events', 'v1/events'],
]

export const enums = {
  FieldValidation: [
    'What becomes of fields that the kind does not have.',
    'FIELD_VALIDATION',
    { IGNORE: 'They are dropped.', WARN: 'They are dropped, and the trailer `warning` names them. The default.', STRICT: 'The request is refused.' },
  ],
  PropagationPolicy: [
    'What becomes of the objects that a deleted object owns.',
    'PROPAGATION_POLICY',
    { ORPHAN: 'They stay, without an owner.', BACKGROUND: 'They go after it.', FOREGROUND: 'They go before it.' },
  ],
  ResourceVersionMatch: [
    'How the revision of a read is meant.',
    'RESOURCE_VERSION_MATCH',
    { EXACT: 'As things were at this revision.', NOT_OLDER_THAN: 'At this revision or a later one.' },
  ],
  PatchType: [
    'How a patch is to be read.',
    'PATCH_TYPE',
    {
      JSON: 'A list of operations, RFC 6902.',
      MERGE: 'A document that is laid over the object, RFC 7386.',
      STRATEGIC_MERGE: 'The same, but lists of things with a name are merged by that name. The default.',
    },
  ],
  EventType: [
    'What happened to an object.',
    'EVENT_TYPE',
    {
      ADDED: 'It is there, or begins to match the selectors.',
      MODIFIED: 'It changed.',
      DELETED: 'It is gone, or no longer matches. The object is as it was last.',
      BOOKMARK: 'Nothing: the object carries the revision up to which everything has been told.',
      ERROR: 'The watch cannot go on. The status says why, and the call ends with the code that belongs to it.',
    },
  ],
}

const namespace = 'namespace string 1 | Where; empty for what belongs to no namespace.'
const everywhere = 'namespace string 1 | Where; empty for all namespaces, or for what belongs to none.'
const name = 'name string 2 | Which.'
const labelSelector = (number) => `labelSelector string ${number} | As \`kubectl -l\` takes it: app=web,tier in (front,back).`
const fieldSelector = (number) => `fieldSelector string ${number} | As \`kubectl --field-selector\` takes it: metadata.name=web.`
const resourceVersion = (number, words) => `resourceVersion string ${number} | ${words}`
const match = (number) => `resourceVersionMatch enum:ResourceVersionMatch ${number} | How resource_version is meant.`
const limit = (number) => `limit int64 ${number} | At most this many objects; 0 for all.`
const continueToken = (number) => `continueToken string ${number} | metadata.continue of the page before.`
const dryRun = (number) => `dryRun bool ${number} | Everything but the write itself.`
const manager = (number, words = 'Who owns the fields that are set; taken from the user agent when empty.') => `fieldManager string ${number} | ${words}`
const validation = (number) => `fieldValidation enum:FieldValidation ${number} | What becomes of unknown fields.`
const deletion = (number) => [
  `gracePeriodSeconds int64 ${number} pointer | How long the object may take to end; absent: as its kind does.`,
  `propagationPolicy enum:PropagationPolicy ${number + 1} | What becomes of what it owns.`,
  `preconditions meta/v1.Preconditions ${number + 2} pointer | Delete only the object with this uid, at this revision.`,
  dryRun(number + 3),
]

/** Fields that say which resource, and where: the same in all requests of Objects, after those of the typed services. */
const address = [
  'group string 12 | API group of the resource: apps. Empty for the core group.',
  'version string 13 | Version in that group: v1.',
  'resource string 14 | Plural name of the resource: deployments.',
]
const subresource = 'subresource string 15 | status, scale or another one of the resource; empty for the object itself.'

/** @returns the requests and answers of one service: [name, comment, fields] */
function messagesOf({ service, object, methods, isGeneric }) {
  const each = (method, comment, fields) => [`${service}${method}`, comment, fields]
  const addressed = (fields, more = []) => (isGeneric ? [...fields, ...address, ...more] : fields)
  const the = (number, words) => `object ${object} ${number} pointer | ${words}`
  const patched = isGeneric ? [] : ['subresource string 9 | Empty for the object itself, or `status` where the kind has one.']
  const forms = {
    Get: () => [
      each(
        'GetRequest',
        'Which object.',
        addressed([namespace, name, resourceVersion(3, 'Not older than this revision; empty for the newest.')], [subresource]),
      ),
    ],
    List: () => [
      each(
        'ListRequest',
        'Which objects.',
        addressed([
          everywhere,
          labelSelector(2),
          fieldSelector(3),
          limit(4),
          continueToken(5),
          resourceVersion(6, 'At which revision; empty for the newest.'),
          match(7),
        ]),
      ),
    ],
    Create: () => [
      each(
        'CreateRequest',
        'A new object.',
        addressed(
          [
            namespace,
            ...(isGeneric ? ['name string 2 | Of the parent, for a subresource.'] : []),
            the(3, 'The object; metadata.name, or metadata.generateName for a name that ends at random.'),
            dryRun(4),
            manager(5),
            validation(6),
          ],
          [subresource],
        ),
      ),
    ],
    Update: () => [
      each(
        'UpdateRequest',
        'An object in its new state.',
        addressed(
          [
            namespace,
            'name string 2 | Which; empty: metadata.name of the object.',
            the(3, 'The whole object. With metadata.resourceVersion it is written only over that revision.'),
            dryRun(4),
            manager(5),
            validation(6),
          ],
          [subresource],
        ),
      ),
    ],
    UpdateStatus: () => [
      each(
        'UpdateStatusRequest',
        'An object whose status is to be written; the rest stays as it is.',
        addressed([
          namespace,
          'name string 2 | Which; empty: metadata.name of the object.',
          the(3, 'The object with its new status.'),
          dryRun(4),
          manager(5),
          validation(6),
        ]),
      ),
    ],
    Patch: () => [
      each(
        'PatchRequest',
        'A change to an object.',
        addressed(
          [
            namespace,
            name,
            'type enum:PatchType 3 | How the patch is to be read.',
            'patch string 4 | The patch itself, as JSON.',
            dryRun(5),
            manager(6),
            validation(7),
            ...patched,
          ],
          [subresource],
        ),
      ),
    ],
    Apply: () => [
      each(
        'ApplyRequest',
        'The part of an object that its manager has an opinion about; what the manager set before and sets no more is removed.',
        addressed(
          [
            namespace,
            'name string 2 | Which; empty: metadata.name of the object.',
            the(3, 'The fields that are wanted, and nothing else.'),
            manager(4, 'Who applies; needed.'),
            'force bool 5 | Take over fields that others own.',
            dryRun(6),
            validation(7),
            ...patched,
          ],
          [subresource],
        ),
      ),
    ],
    Delete: () => [
      each('DeleteRequest', 'Which object is to go, and how.', addressed([namespace, name, ...deletion(3)])),
      each('DeleteResponse', 'One of the two is there.', [
        `object ${object} 1 pointer | The object as it was last, or as it is while something still keeps it.`,
        'status meta/v1.Status 2 pointer | The object is gone.',
      ]),
    ],
    DeleteCollection: () => [
      each(
        'DeleteCollectionRequest',
        'Which objects are to go, and how.',
        addressed([
          namespace,
          labelSelector(2),
          fieldSelector(3),
          limit(4),
          continueToken(5),
          resourceVersion(6, 'As the objects were listed at this revision.'),
          match(7),
          ...deletion(8),
        ]),
      ),
    ],
    Watch: () => [
      each(
        'WatchRequest',
        'Which objects are watched, from when on, and for how long.',
        addressed([
          everywhere,
          labelSelector(2),
          fieldSelector(3),
          resourceVersion(4, 'Everything after this revision. Empty or 0: what is there first, then what happens.'),
          match(5),
          'allowWatchBookmarks bool 6 | Say now and then how far the stream has come.',
          'sendInitialEvents bool 7 pointer | Begin with everything that is there and a bookmark that ends it; needs NOT_OLDER_THAN.',
          'timeoutSeconds int64 8 | When the stream ends; 0 leaves that to the deadline of the call.',
        ]),
      ),
      each('WatchResponse', 'One event of a watch.', [
        'type enum:EventType 1 | What happened.',
        `object ${object} 2 pointer | To which object.`,
        'status meta/v1.Status 3 pointer | Why the watch cannot go on, with ERROR.',
      ]),
    ],
  }
  const answers = isGeneric
    ? [
        each('ListResponse', 'Objects of one resource at one revision.', [
          'metadata meta/v1.ListMeta 1 | The revision, and where the next page begins.',
          'items []google/protobuf.Struct 2 | The objects.',
        ]),
      ]
    : []
  return [...methods.flatMap((method) => forms[method]()), ...answers]
}

const methodComments = {
  Get: 'Reads one object.',
  List: 'Reads a collection at one revision, whole or page by page.',
  Create: 'Writes a new object.',
  Update: 'Puts a new state in the place of the old one.',
  UpdateStatus: 'Writes the status alone.',
  Patch: 'Changes an object without reading it first.',
  Apply: 'Server-side apply: writes what the caller wants and remembers that the caller wants it. Creates what is not there.',
  Delete: 'Deletes one object.',
  DeleteCollection: 'Deletes all objects that the selectors match, and answers with them.',
  Watch: 'Tells what happens to the objects of a collection, in order and without gaps.',
}

/** @param resources the table of resources. @returns every service with its methods and messages */
export function contract(resources) {
  const typed = typedServices.map(([service, key]) => {
    const facts = resources[key]
    const alias = `${facts.group.split('.')[0] || 'core'}/${facts.version}`
    const methods = Object.keys(methodComments).filter((method) => method !== 'UpdateStatus' || facts.statusSubresource)
    const object = `${alias}.${facts.kind}`
    return { service, resource: key, kind: facts.kind, object, list: `${alias}.${facts.listKind}`, methods, comment: `Objects of kind ${facts.kind}.` }
  })
  const generic = {
    service: 'Objects',
    object: 'google/protobuf.Struct',
    list: 'kubedouble/v1.ObjectsListResponse',
    methods: Object.keys(methodComments).filter((method) => method !== 'UpdateStatus'),
    isGeneric: true,
    comment: 'Objects of every kind that is served, as JSON: for kinds without a service of their own, and for those that are not known in advance.',
  }
  return [...typed, generic].map((each) => ({ ...each, messages: messagesOf(each), rpcs: each.methods.map((method) => rpcOf(each, method)) }))
}

function rpcOf({ service, object, list }, method) {
  const own = (suffix) => `kubedouble/v1.${service}${method}${suffix}`
  const answers = { List: list, DeleteCollection: list, Delete: own('Response'), Watch: own('Response') }
  return { method, request: own('Request'), response: answers[method] ?? object, isStream: method === 'Watch', comment: methodComments[method] }
}

/** Of Google's well-known files, what the contract uses. */
export const wellKnown = {
  timestamp: { Timestamp: ['seconds int64 1', 'nanos int32 2'] },
  struct: {
    Struct: ['fields map[string]google/protobuf.Value 1'],
    Value: [
      'nullValue enum:NullValue 1 oneof:kind',
      'numberValue double 2 oneof:kind',
      'stringValue string 3 oneof:kind',
      'boolValue bool 4 oneof:kind',
      'structValue google/protobuf.Struct 5 oneof:kind',
      'listValue google/protobuf.ListValue 6 oneof:kind',
    ],
    ListValue: ['values []google/protobuf.Value 1'],
  },
}

const fileDescriptors = {
  FileDescriptorProto: [
    'name string 1 pointer',
    'package string 2 pointer',
    'dependency []string 3',
    'messageType []google/protobuf.DescriptorProto 4',
    'enumType []google/protobuf.EnumDescriptorProto 5',
    'service []google/protobuf.ServiceDescriptorProto 6',
    'options google/protobuf.FileOptions 8 pointer',
    'syntax string 12 pointer',
  ],
  FileOptions: ['goPackage string 11 pointer'],
  DescriptorProto: [
    'name string 1 pointer',
    'field []google/protobuf.FieldDescriptorProto 2',
    'nestedType []google/protobuf.DescriptorProto 3',
    'enumType []google/protobuf.EnumDescriptorProto 4',
    'options google/protobuf.MessageOptions 7 pointer',
    'oneofDecl []google/protobuf.OneofDescriptorProto 8',
  ],
  MessageOptions: ['mapEntry bool 7 pointer'],
  OneofDescriptorProto: ['name string 1 pointer'],
  FieldDescriptorProto: [
    'name string 1 pointer',
    'number int32 3 pointer',
    'label int32 4 pointer',
    'type int32 5 pointer',
    'typeName string 6 pointer',
    'oneofIndex int32 9 pointer',
    'jsonName string 10 pointer',
    'proto3Optional bool 17 pointer',
  ],
  EnumDescriptorProto: ['name string 1 pointer', 'value []google/protobuf.EnumValueDescriptorProto 2'],
  EnumValueDescriptorProto: ['name string 1 pointer', 'number int32 2 pointer'],
  ServiceDescriptorProto: ['name string 1 pointer', 'method []google/protobuf.MethodDescriptorProto 2'],
  MethodDescriptorProto: [
    'name string 1 pointer',
    'inputType string 2 pointer',
    'outputType string 3 pointer',
    'clientStreaming bool 5 pointer',
    'serverStreaming bool 6 pointer',
  ],
}

/** Messages of other APIs that are spoken here too, and are not in the tables of Kubernetes. */
export const otherMessages = {
  'google/protobuf': {
    Struct: ['fields map[string]google/protobuf.Value 1'],
    Value: [
      'nullValue int32 1 pointer',
      'numberValue double 2 pointer',
      'stringValue string 3 pointer',
      'boolValue bool 4 pointer',
      'structValue google/protobuf.Struct 5 pointer',
      'listValue google/protobuf.ListValue 6 pointer',
    ],
    ListValue: ['values []google/protobuf.Value 1'],
    Any: ['typeUrl string 1', 'value bytes 2'],
    Duration: ['seconds int64 1', 'nanos int32 2'],
    ...fileDescriptors,
  },
  'google/rpc': {
    Status: ['code int32 1', 'message string 2', 'details []google/protobuf.Any 3'],
    RetryInfo: ['retryDelay google/protobuf.Duration 1'],
  },
}

const serverReflection = {
  ServerReflectionRequest: [
    'A question.',
    [
      'host string 1 | Not looked at.',
      'fileByFilename string 3 oneof:message_request | The file with this name.',
      'fileContainingSymbol string 4 oneof:message_request | The file that declares this.',
      'fileContainingExtension .ExtensionRequest 5 pointer oneof:message_request | The file that declares this extension.',
      'allExtensionNumbersOfType string 6 oneof:message_request | Which extensions the message has.',
      'listServices string 7 oneof:message_request | What is served.',
    ],
  ],
  ExtensionRequest: ['An extension, by its number.', ['containingType string 1 | The message that is extended.', 'extensionNumber int32 2 | The number.']],
  ServerReflectionResponse: [
    'An answer.',
    [
      'validHost string 1 | As asked.',
      'originalRequest .ServerReflectionRequest 2 pointer | What was asked.',
      'fileDescriptorResponse .FileDescriptorResponse 4 pointer oneof:message_response | Files.',
      'allExtensionNumbersResponse .ExtensionNumberResponse 5 pointer oneof:message_response | Extensions.',
      'listServicesResponse .ListServiceResponse 6 pointer oneof:message_response | Services.',
      'errorResponse .ErrorResponse 7 pointer oneof:message_response | Why there is no answer.',
    ],
  ],
  FileDescriptorResponse: ['Files, and the files that they import.', ['fileDescriptorProto []bytes 1 | Encoded FileDescriptorProtos.']],
  ExtensionNumberResponse: ['Extensions of a message.', ['baseTypeName string 1 | The message.', 'extensionNumber []int32 2 | Their numbers.']],
  ListServiceResponse: ['All services.', ['service [].ServiceResponse 1 | One each.']],
  ServiceResponse: ['One service.', ['name string 1 | Its full name.']],
  ErrorResponse: ['Why there is no answer.', ['errorCode int32 1 | A gRPC code.', 'errorMessage string 2 | In words.']],
}

/** Services that every gRPC server should have, word for word in their names and numbers. */
export const companionServices = [
  ...['v1', 'v1alpha'].map((version) => ({
    alias: `grpc/reflection/${version}`,
    comment: 'Tells clients without .proto files what is served here.',
    service: 'ServerReflection',
    messages: serverReflection,
    rpcs: [
      {
        method: 'ServerReflectionInfo',
        request: 'ServerReflectionRequest',
        response: 'ServerReflectionResponse',
        isRequestStream: true,
        isStream: true,
        comment: 'Answers one question after the other.',
      },
    ],
  })),
  {
    alias: 'grpc/health/v1',
    comment: 'Says whether a service can be used.',
    service: 'Health',
    messages: {
      HealthCheckRequest: ['Which service.', ['service string 1 | Its full name; empty for the server as a whole.']],
      HealthCheckResponse: ['How it is.', ['status enum:ServingStatus 1 | How it is.']],
    },
    enums: { 'HealthCheckResponse.ServingStatus': ['How a service is.', ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']] },
    rpcs: [
      {
        method: 'Check',
        request: 'HealthCheckRequest',
        response: 'HealthCheckResponse',
        comment: 'How it is now. NOT_FOUND for a service that does not exist.',
      },
      { method: 'Watch', request: 'HealthCheckRequest', response: 'HealthCheckResponse', isStream: true, comment: 'How it is, and each change.' },
    ],
  },
]
