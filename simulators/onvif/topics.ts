import { namespaces } from "./namespaces.ts"
import type { CompleteOptions } from "./options.ts"
import { allCapabilities } from "../campus/door-machine.ts"
import { element, join, nothing, type Xml } from "./xml.ts"

/** An item of a message: its name and the qualified name of its type. */
export type ItemDescription = readonly [name: string, type: string]

/** What GetEventProperties tells of a topic. */
export interface TopicDescription {
  /** Segments from the ONVIF topic root. */
  readonly path: string
  readonly property: boolean
  readonly source: ReadonlyArray<ItemDescription>
  readonly data: ReadonlyArray<ItemDescription>
}

const property = (
  path: string,
  source: ReadonlyArray<ItemDescription>,
  data: ReadonlyArray<ItemDescription>
): TopicDescription => ({ path, property: true, source, data })

const momentary = (
  path: string,
  source: ReadonlyArray<ItemDescription>,
  data: ReadonlyArray<ItemDescription>
): TopicDescription => ({ path, property: false, source, data })

const videoSource: ItemDescription = ["Source", "tt:ReferenceToken"]
const state: ItemDescription = ["State", "xs:boolean"]

/** ONVIF Analytics Service Specification, rules of annex A. */
const ruleSource: ReadonlyArray<ItemDescription> = [
  ["VideoSource", "tt:ReferenceToken"],
  ["AnalyticsConfiguration", "tt:ReferenceToken"],
  ["Rule", "xs:string"]
]

/** ONVIF Imaging, Analytics and Recording Control service specifications, their events. */
const ofCamera: ReadonlyArray<TopicDescription> = [
  property("VideoSource/MotionAlarm", [videoSource], [state]),
  property("VideoSource/SignalLoss", [videoSource], [state]),
  property("VideoSource/GlobalSceneChange/ImagingService", [videoSource], [state]),
  property("VideoSource/ImageTooBlurry/ImagingService", [videoSource], [state]),
  property("VideoSource/ImageTooDark/ImagingService", [videoSource], [state]),
  property("VideoSource/ImageTooBright/ImagingService", [videoSource], [state]),
  property(
    "RuleEngine/CellMotionDetector/Motion",
    [
      ["VideoSourceConfigurationToken", "tt:ReferenceToken"],
      ["VideoAnalyticsConfigurationToken", "tt:ReferenceToken"],
      ["Rule", "xs:string"]
    ],
    [["IsMotion", "xs:boolean"]]
  ),
  property(
    "RuleEngine/TamperDetector/Tamper",
    [
      ["VideoSourceConfigurationToken", "tt:ReferenceToken"],
      ["VideoAnalyticsConfigurationToken", "tt:ReferenceToken"],
      ["Rule", "xs:string"]
    ],
    [["IsTamper", "xs:boolean"]]
  ),
  momentary("RuleEngine/LineDetector/Crossed", ruleSource, [
    ["ObjectId", "xs:integer"],
    ["ClassTypes", "tt:StringList"]
  ]),
  momentary("RuleEngine/ObjectDetection/Object", ruleSource, [["ClassTypes", "tt:StringList"]]),
  momentary("Media/ProfileChanged", [["Token", "tt:ReferenceToken"]], []),
  momentary("Media/ConfigurationChanged", [["Token", "tt:ReferenceToken"]], [["Type", "xs:string"]])
]

/** ONVIF Core, annex "Event topics", and Device IO. */
const ofAnything: ReadonlyArray<TopicDescription> = [
  property("Device/HardwareFailure/StorageFailure", [["Token", "tt:ReferenceToken"]], [["Failed", "xs:boolean"]]),
  property("Monitoring/OperatingTime/LastReboot", [], [["Status", "xs:dateTime"]]),
  momentary(
    "Device/SecurityPolicy/AuthFailed",
    [["NetworkInterface", "tt:ReferenceToken"]],
    [["SourceIPv4", "xs:string"]]
  )
]

const ofInputs = property(
  "Device/Trigger/DigitalInput",
  [["InputToken", "tt:ReferenceToken"]],
  [["LogicalState", "xs:boolean"]]
)

const ofRelays = property(
  "Device/Trigger/Relay",
  [["RelayToken", "tt:ReferenceToken"]],
  [["LogicalState", "tt:RelayLogicalState"]]
)

const accessPoint: ReadonlyArray<ItemDescription> = [["AccessPointToken", "pt:ReferenceToken"]]
const external: ItemDescription = ["External", "xs:boolean"]
const credential: ReadonlyArray<ItemDescription> = [
  ["CredentialToken", "pt:ReferenceToken"],
  ["CredentialHolderName", "xs:string"]
]
const identifier: ReadonlyArray<ItemDescription> = [
  ["IdentifierType", "xs:string"],
  ["FormatType", "xs:string"],
  ["IdentifierValue", "xs:hexBinary"]
]
const reason: ItemDescription = ["Reason", "xs:string"]

/** ONVIF Access Control Service Specification, Notification topics. */
const ofAccessPoints: ReadonlyArray<TopicDescription> = [
  momentary("AccessControl/AccessGranted/Anonymous", accessPoint, [external]),
  momentary("AccessControl/AccessGranted/Credential", accessPoint, [external, ...credential]),
  momentary("AccessControl/AccessGranted/Identifier", accessPoint, identifier),
  momentary("AccessControl/AccessTaken/Anonymous", accessPoint, []),
  momentary("AccessControl/AccessTaken/Credential", accessPoint, credential),
  momentary("AccessControl/AccessTaken/Identifier", accessPoint, identifier),
  momentary("AccessControl/AccessNotTaken/Anonymous", accessPoint, []),
  momentary("AccessControl/AccessNotTaken/Credential", accessPoint, credential),
  momentary("AccessControl/AccessNotTaken/Identifier", accessPoint, identifier),
  momentary("AccessControl/Denied/Anonymous", accessPoint, [external, reason]),
  momentary("AccessControl/Denied/Credential", accessPoint, [external, ...credential, reason]),
  momentary("AccessControl/Denied/Identifier", accessPoint, [...identifier, reason]),
  momentary("AccessControl/Denied/CredentialNotFound", accessPoint, identifier),
  momentary("AccessControl/Denied/CredentialNotFound/Card", accessPoint, [["Card", "xs:string"]]),
  momentary("AccessControl/Duress", accessPoint, [...credential, reason]),
  property("AccessPoint/State/Enabled", accessPoint, [state]),
  momentary("Configuration/AccessPoint/Changed", accessPoint, []),
  momentary("Configuration/AccessPoint/Removed", accessPoint, []),
  momentary("Configuration/Area/Changed", [["AreaToken", "pt:ReferenceToken"]], []),
  momentary("Configuration/Area/Removed", [["AreaToken", "pt:ReferenceToken"]], [])
]

const doorSource: ReadonlyArray<ItemDescription> = [["DoorToken", "pt:ReferenceToken"]]

/** ONVIF Door Control Service Specification, Notification topics; each with the capability it needs. */
const doorTopics = [
  ["DoorMode", "tdc:DoorMode", undefined],
  ["DoorPhysicalState", "tdc:DoorPhysicalState", "doorMonitor"],
  ["LockPhysicalState", "tdc:LockPhysicalState", "lockMonitor"],
  ["DoubleLockPhysicalState", "tdc:LockPhysicalState", "doubleLockMonitor"],
  ["DoorAlarm", "tdc:DoorAlarmState", "alarm"],
  ["DoorTamper", "tdc:DoorTamperState", "tamper"],
  ["DoorFault", "tdc:DoorFaultState", "fault"]
] as const

const ofDoors = ({ doors }: CompleteOptions): ReadonlyArray<TopicDescription> => [
  ...doorTopics.flatMap(([name, type, capability]) => {
    const known =
      capability === undefined || doors.some((door) => ({ ...allCapabilities, ...door.capabilities })[capability])
    return known ? [property(`Door/State/${name}`, doorSource, [["State", type]])] : []
  }),
  momentary("Configuration/Door/Changed", doorSource, []),
  momentary("Configuration/Door/Removed", doorSource, [])
]

const credentialSource: ReadonlyArray<ItemDescription> = [["CredentialToken", "pt:ReferenceToken"]]

/** ONVIF Credential Service Specification, Notification topics. */
const ofCredentials: ReadonlyArray<TopicDescription> = [
  momentary("Credential/State/Enabled", credentialSource, [state, reason, ["ClientUpdated", "xs:boolean"]]),
  momentary("Credential/State/ApbViolation", credentialSource, [
    ["ApbViolation", "xs:boolean"],
    ["ClientUpdated", "xs:boolean"]
  ]),
  momentary("Configuration/Credential/Changed", credentialSource, []),
  momentary("Configuration/Credential/Removed", credentialSource, [])
]

/** Every topic a device may send. */
export const topicsOf = (options: CompleteOptions): ReadonlyArray<TopicDescription> => [
  ...(options.videoSources.length > 0 ? ofCamera : []),
  ...ofAnything,
  ...(options.inputs.length > 0 ? [ofInputs] : []),
  ...(options.relays.length > 0 ? [ofRelays] : []),
  ...(options.accessPoints.length > 0 ? ofAccessPoints : []),
  ...(options.doors.length > 0 ? ofDoors(options) : []),
  ...(options.credentials.length > 0 ? ofCredentials : [])
]

const itemsXml = (name: string, items: ReadonlyArray<ItemDescription>): Xml =>
  items.length === 0
    ? nothing
    : element(
        `tt:${name}`,
        {},
        ...items.map(([item, type]) => element("tt:SimpleItemDescription", { Name: item, Type: type }))
      )

const described = (topic: TopicDescription): Xml =>
  element(
    "tt:MessageDescription",
    { IsProperty: topic.property },
    itemsXml("Source", topic.source),
    itemsXml("Data", topic.data)
  )

interface Branch {
  topic: TopicDescription | undefined
  readonly below: Map<string, Branch>
}

const grow = (topics: ReadonlyArray<TopicDescription>): Branch => {
  const root: Branch = { topic: undefined, below: new Map() }
  for (const topic of topics) {
    let at = root
    for (const segment of topic.path.split("/")) {
      const next = at.below.get(segment) ?? { topic: undefined, below: new Map() }
      at.below.set(segment, next)
      at = next
    }
    at.topic = topic
  }
  return root
}

/** Only the first level is qualified: a topic's name belongs to the namespace of its root (ONVIF Core, Topic Structure). */
const branchXml = (name: string, { topic, below }: Branch): Xml =>
  element(
    name,
    topic === undefined ? {} : { "wstop:topic": true },
    topic === undefined ? nothing : described(topic),
    join([...below].map(([child, branch]) => branchXml(child, branch)))
  )

/** `wstop:TopicSet`: the tree of topics, each leaf with what its messages hold. */
export const topicSetXml = (topics: ReadonlyArray<TopicDescription>): Xml =>
  element(
    "wstop:TopicSet",
    { "xmlns:tns1": namespaces.tns1 },
    ...[...grow(topics).below].map(([name, branch]) => branchXml(`tns1:${name}`, branch))
  )
