/**
 * A door panel as an OPC UA server, in a process of its own, so that it can be killed. Started by `startPanel` with its
 * options as an argument; told what to do over IPC: `{ nth, command, args }` in, `{ nth, answer }` or `{ nth, error }` out.
 */
import {
  type ConditionSnapshot,
  DataType,
  LocalizedText,
  type Namespace,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
  type UAObject,
  type UAVariable,
  Variant
} from "node-opcua"
import type { PanelCommands, PanelOptions } from "./panel.ts"

/** The panel's own vocabulary. */
const panelNamespace = "urn:campus:doorpanel"

const options = JSON.parse(process.argv[2] ?? "{}") as PanelOptions

const certificates = new OPCUACertificateManager({
  rootFolder: options.pki,
  automaticallyAcceptUnknownCertificate: options.trustsEverybody
})
const userCertificates = new OPCUACertificateManager({
  rootFolder: `${options.pki}-users`,
  automaticallyAcceptUnknownCertificate: options.trustsEverybody
})
await certificates.initialize()
await userCertificates.initialize()

const server = new OPCUAServer({
  port: options.port,
  hostname: "127.0.0.1",
  serverInfo: { applicationUri: options.applicationUri },
  serverCertificateManager: certificates,
  userCertificateManager: userCertificates,
  allowAnonymous: options.allowAnonymous,
  userManager: { isValidUser: (name: string, password: string) => name === "gatehouse" && password === "right" },
  ...(options.securityPolicies === undefined
    ? {}
    : { securityPolicies: options.securityPolicies.map((name) => SecurityPolicy[name]) }),
  maxConnectionsPerEndpoint: 100,
  maxAllowedSessionNumber: 100
})
await server.initialize()

const space = server.engine.addressSpace
if (space === null) throw new Error("the server has no address space")
// Which index our namespace gets depends on what was registered before it, as after a firmware update.
if (options.namespaceBefore !== undefined) space.registerNamespace(options.namespaceBefore)
const own: Namespace = space.registerNamespace(panelNamespace)
space.installAlarmsAndConditionsService()
const objects = space.rootFolder.objects

const accessEventType = own.addEventType({ browseName: "AccessEventType", subtypeOf: "BaseEventType" })
for (const [browseName, dataType] of [
  ["Granted", DataType.Boolean],
  ["Credential", DataType.String],
  ["Seq", DataType.UInt32]
] as const) {
  own.addVariable({ browseName, propertyOf: accessEventType, dataType, modellingRule: "Mandatory" })
}
const deniedEventType = own.addEventType({ browseName: "AccessDeniedEventType", subtypeOf: accessEventType })

interface Door {
  readonly object: UAObject
  readonly variables: Readonly<Record<string, UAVariable>>
  readonly alarm: ReturnType<Namespace["instantiateOffNormalAlarm"]>
}

const doorsFolder = own.addObject({
  browseName: "Doors",
  nodeId: "s=Doors",
  organizedBy: objects,
  eventSourceOf: objects.server,
  eventNotifier: 1
})

const makeDoor = (name: string): Door => {
  const object = own.addObject({
    browseName: name,
    nodeId: `s=Doors/${name}`,
    componentOf: doorsFolder,
    eventSourceOf: doorsFolder,
    eventNotifier: 1
  })
  const variable = (browseName: string, dataType: DataType, value: unknown): UAVariable =>
    own.addVariable({
      browseName,
      nodeId: `s=Doors/${name}/${browseName}`,
      componentOf: object,
      dataType,
      minimumSamplingInterval: 0,
      value: { dataType, value }
    })
  const forced = variable("Forced", DataType.Boolean, false)
  const normal = variable("Normal", DataType.Boolean, false)
  const variables = {
    Contact: variable("Contact", DataType.Boolean, false),
    LockState: variable("LockState", DataType.Int32, 0),
    Command: variable("Command", DataType.Int32, 0),
    Count: variable("Count", DataType.UInt32, 0),
    Forced: forced
  }
  const unlock = own.addMethod(object, {
    browseName: "Unlock",
    nodeId: `s=Doors/${name}/Unlock`,
    inputArguments: [{ name: "seconds", dataType: DataType.UInt32 }],
    outputArguments: []
  })
  unlock.bindMethod((_, __, done) => {
    variables.LockState.setValueFromSource({ dataType: DataType.Int32, value: 1 })
    done(null, { statusCode: StatusCodes.Good, outputArguments: [] })
  })
  const alarm = own.instantiateOffNormalAlarm({
    browseName: "DoorForced",
    nodeId: `s=Doors/${name}/DoorForced`,
    componentOf: object,
    conditionSource: object,
    conditionName: "DoorForced",
    inputNode: forced,
    normalState: normal,
    maxTimeShelved: 3600_000,
    optionals: ["ConfirmedState", "Confirm", "ShelvingState"]
  })
  ;(alarm.shelvingState as unknown as { setState: (state: string) => void }).setState("Unshelved")
  alarm.on(
    "acknowledged",
    (_: unknown, comment: { readonly text?: string | null } | null, branch: ConditionSnapshot) => {
      acknowledgements.push({ door: name, comment: comment?.text ?? "", branch: !branch.getBranchId().isEmpty() })
    }
  )
  alarm.on("addComment", (_: unknown, comment: { readonly text?: string | null } | null) => {
    comments.push({ door: name, comment: comment?.text ?? "" })
  })
  return { object, variables, alarm }
}

/** Comments that the panel has taken, oldest first. */
const comments: Array<{ readonly door: string; readonly comment: string }> = []

/** Acknowledgements that the panel has accepted, oldest first. */
const acknowledgements: Array<{ readonly door: string; readonly comment: string; readonly branch: boolean }> = []

const doors = new Map<string, Door>()
for (let nth = 1; nth <= options.doors; nth++) doors.set(`Door${nth}`, makeDoor(`Door${nth}`))

const doorOf = (name: string): Door => {
  const door = doors.get(name)
  if (door === undefined) throw new Error(`the panel has no ${name}`)
  return door
}

const raiseAccess = (door: string, seq: number, granted: boolean, credential = `card ${seq}`): void => {
  doorOf(door).object.raiseEvent(granted ? accessEventType : deniedEventType, {
    message: { dataType: DataType.LocalizedText, value: { text: `access ${seq}` } },
    severity: { dataType: DataType.UInt16, value: 100 },
    granted: { dataType: DataType.Boolean, value: granted },
    credential: { dataType: DataType.String, value: credential },
    seq: { dataType: DataType.UInt32, value: seq }
  })
}

let stream: NodeJS.Timeout | undefined

/** So many events were raised since the stream began. */
const streaming = { sent: 0 }

const statuses: Readonly<Record<string, (typeof StatusCodes)["Good"]>> = {
  good: StatusCodes.Good,
  uncertain: StatusCodes.UncertainLastUsableValue,
  bad: StatusCodes.BadNoCommunication
}

const sessions = () => server.engine.getSessions?.() ?? []

/** Subscriptions whose session has gone, and that wait to be taken over. */
const orphans = () =>
  (server.engine as unknown as { _orphanPublishEngine?: { subscriptions: ReadonlyArray<unknown> } })
    ._orphanPublishEngine

const commands: PanelCommands = {
  set: async ({ door, variable, value, status = "good" }) => {
    const node = doorOf(door).variables[variable]
    if (node === undefined) throw new Error(`${door} has no ${variable}`)
    node.setValueFromSource(
      new Variant({ dataType: (node as { dataType: { value: number } }).dataType.value as DataType, value }),
      statuses[status]
    )
  },
  access: async ({ door, seq, granted, credential }) => raiseAccess(door, seq, granted, credential),
  burst: async ({ door, from, count }) => {
    for (let seq = from; seq < from + count; seq++) raiseAccess(door, seq, true)
  },
  stream: async ({ door, perSecond }) => {
    const start = performance.now()
    streaming.sent = 0
    stream = setInterval(() => {
      const due = Math.floor(((performance.now() - start) * perSecond) / 1000)
      while (streaming.sent < due) raiseAccess(door, ++streaming.sent, true)
    }, 10)
  },
  stopStream: async () => {
    clearInterval(stream)
    return streaming.sent
  },
  overflowEvent: async () => {
    objects.server.raiseEvent("EventQueueOverflowEventType", {
      message: { dataType: DataType.LocalizedText, value: { text: "overflow" } },
      severity: { dataType: DataType.UInt16, value: 500 }
    })
  },
  alarmState: async ({ door }) => {
    const { alarm } = doorOf(door)
    return {
      acked: alarm.ackedState.id.readValue().value.value as boolean,
      active: alarm.activeState.id.readValue().value.value as boolean,
      comment: (alarm.comment.readValue().value.value as { text?: string } | null)?.text ?? "",
      shelving: (alarm.shelvingState?.currentState.readValue().value.value as { text?: string } | null)?.text ?? ""
    }
  },
  comments: async ({ door }) => comments.filter((one) => one.door === door).map(({ comment }) => comment),
  acknowledgeHere: async ({ door, comment }) => {
    const { alarm } = doorOf(door)
    const branch = alarm.currentBranch()
    alarm.acknowledgeAndAutoConfirmBranch(branch, new LocalizedText({ text: comment }))
  },
  acknowledgements: async ({ door }) => acknowledgements.filter((one) => one.door === door),
  subscriptions: async () => ({
    sessions: server.engine.currentSessionCount,
    subscriptions: server.engine.currentSubscriptionCount,
    parkedPublishRequests: sessions().reduce(
      (sum, session) => sum + (session.publishEngine?.pendingPublishRequestCount ?? 0),
      0
    )
  }),
  dropSubscriptions: async () => {
    for (const session of sessions()) {
      for (const id of session.publishEngine?.subscriptions.map((one) => one.id) ?? []) session.deleteSubscription(id)
    }
    for (const one of orphans()?.subscriptions ?? []) {
      server.engine.deleteOrphanSubscription(one as never)
    }
  },
  closeSessions: async () => {
    for (const session of sessions()) server.engine.closeSession(session.authenticationToken, true, "Terminated")
  },
  muteSubscriptions: async () => {
    for (const session of sessions()) {
      for (const one of session.publishEngine?.subscriptions ?? []) {
        ;(one as unknown as { _stop_timer: () => void })._stop_timer()
      }
    }
  },
  shutdown: async () => {
    setImmediate(() => void server.shutdown(100).then(() => process.exit(0)))
  }
}

process.on("message", ({ nth, command, args }: { nth: number; command: keyof PanelCommands; args: never }) => {
  const answering: Promise<unknown> = commands[command](args)
  answering.then(
    (answer) => process.send?.({ nth, answer }),
    (error: Error) => process.send?.({ nth, error: error.message })
  )
})
process.once("disconnect", () => process.exit(0))

await server.start()
process.send?.({ ready: true })
