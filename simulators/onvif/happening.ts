import type { Item, Notification } from "./notification.ts"

/** How somebody at an access point is told apart. */
export type Bearer =
  | { readonly _tag: "Anonymous" }
  | { readonly _tag: "Credential"; readonly token: string; readonly holder?: string }
  | {
      readonly _tag: "Identifier"
      /** pacs/types.xsd, RecognitionType: `pt:Card`, `pt:PIN` … */
      readonly type: string
      readonly format: string
      readonly hex: string
    }

/** Reasons of AccessControl/Denied, and whatever a vendor adds. */
export type DeniedReason =
  | "CredentialNotEnabled"
  | "CredentialNotActive"
  | "CredentialExpired"
  | "InvalidPIN"
  | "NotPermittedAtThisTime"
  | "Unauthorized"
  | "Other"
  | "pt:InvalidIdentifierValue"
  | (string & {})

/** What happens before a device, in the terms of its domain. Doors are told of by `DoorInput`. */
export type Happening =
  // What a camera sees; `source` is a video source's token.
  | { readonly _tag: "Motion" | "SignalLoss" | "SceneChanged"; readonly source: string; readonly on: boolean }
  | { readonly _tag: "CellMotion" | "Tampered"; readonly source: string; readonly rule?: string; readonly on: boolean }
  | {
      readonly _tag: "LineCrossed"
      readonly source: string
      readonly rule?: string
      readonly objectId?: number
      readonly classes?: ReadonlyArray<string>
    }
  /** No class is left: what was there has gone. */
  | {
      readonly _tag: "ObjectsDetected"
      readonly source: string
      readonly rule?: string
      readonly classes: ReadonlyArray<string>
    }
  // What any device has
  | { readonly _tag: "Input" | "Relay"; readonly token: string; readonly on: boolean }
  | { readonly _tag: "StorageFailure"; readonly token: string; readonly on: boolean }
  | { readonly _tag: "AuthenticationFailed"; readonly from: string }
  // What an access point decides and sees
  | { readonly _tag: "AccessGranted"; readonly accessPoint: string; readonly by: Bearer; readonly external?: boolean }
  | { readonly _tag: "AccessTaken" | "AccessNotTaken"; readonly accessPoint: string; readonly by: Bearer }
  | {
      readonly _tag: "AccessDenied"
      readonly accessPoint: string
      readonly by: Bearer
      readonly reason: DeniedReason
      readonly external?: boolean
    }
  | {
      readonly _tag: "CredentialNotFound"
      readonly accessPoint: string
      readonly by: Extract<Bearer, { _tag: "Identifier" }>
    }
  /** The old form of it; vendors may leave `card` empty. */
  | { readonly _tag: "CardNotFound"; readonly accessPoint: string; readonly card: string }
  | { readonly _tag: "Duress"; readonly accessPoint: string; readonly by: Bearer; readonly reason?: string }
  | { readonly _tag: "AccessPointEnabled"; readonly accessPoint: string; readonly on: boolean }
  // What becomes of credentials and configuration
  | {
      readonly _tag: "CredentialEnabled"
      readonly token: string
      readonly on: boolean
      readonly reason?: string
      readonly clientUpdated?: boolean
    }
  | {
      readonly _tag: "AntiPassbackViolated"
      readonly token: string
      readonly on: boolean
      readonly clientUpdated?: boolean
    }
  | {
      readonly _tag: "ConfigurationChanged" | "ConfigurationRemoved"
      readonly of: "Door" | "AccessPoint" | "Area" | "Credential"
      readonly token: string
    }
  /** Anything else, such as a vendor's topic, in ONVIF's own terms. */
  | { readonly _tag: "Other"; readonly notification: Omit<Notification, "at"> }

const item = (name: string, value: string | boolean): Item => ({ name, value })

const optional = (name: string, value: string | boolean | undefined): ReadonlyArray<Item> =>
  value === undefined ? [] : [item(name, value)]

const bearerItems = (by: Bearer): ReadonlyArray<Item> => {
  switch (by._tag) {
    case "Anonymous":
      return []
    case "Credential":
      return [item("CredentialToken", by.token), ...optional("CredentialHolderName", by.holder)]
    case "Identifier":
      return [item("IdentifierType", by.type), item("FormatType", by.format), item("IdentifierValue", by.hex)]
  }
}

type Untimed = Omit<Notification, "at">

const property = (topic: string, source: ReadonlyArray<Item>, data: ReadonlyArray<Item>): Untimed => ({
  topic,
  operation: "Changed",
  source,
  data
})

const momentary = (topic: string, source: ReadonlyArray<Item>, data: ReadonlyArray<Item>): Untimed => ({
  topic,
  source,
  data
})

/** Names of the configurations that a rule's source refers to: one of each a video source (see the media service). */
const ruleItems = (source: string, rule: string): ReadonlyArray<Item> => [
  item("VideoSourceConfigurationToken", `config-${source}`),
  item("VideoAnalyticsConfigurationToken", `analytics-${source}`),
  item("Rule", rule)
]

const newRuleItems = (source: string, rule: string): ReadonlyArray<Item> => [
  item("VideoSource", source),
  item("AnalyticsConfiguration", `analytics-${source}`),
  item("Rule", rule)
]

const videoTopics = {
  Motion: "VideoSource/MotionAlarm",
  SignalLoss: "VideoSource/SignalLoss",
  SceneChanged: "VideoSource/GlobalSceneChange/ImagingService"
} as const

/** What an access point says. */
const accessMessage = (happening: Extract<Happening, { readonly accessPoint: string }>): Untimed => {
  const source = [item("AccessPointToken", happening.accessPoint)]
  switch (happening._tag) {
    case "AccessGranted":
      return momentary(`AccessControl/AccessGranted/${happening.by._tag}`, source, [
        ...optional("External", happening.external),
        ...bearerItems(happening.by)
      ])
    case "AccessTaken":
    case "AccessNotTaken":
      return momentary(`AccessControl/${happening._tag}/${happening.by._tag}`, source, bearerItems(happening.by))
    case "AccessDenied":
      return momentary(`AccessControl/Denied/${happening.by._tag}`, source, [
        ...optional("External", happening.external),
        ...bearerItems(happening.by),
        item("Reason", happening.reason)
      ])
    case "CredentialNotFound":
      return momentary("AccessControl/Denied/CredentialNotFound", source, bearerItems(happening.by))
    case "CardNotFound":
      return momentary("AccessControl/Denied/CredentialNotFound/Card", source, [item("Card", happening.card)])
    case "Duress":
      return momentary("AccessControl/Duress", source, [
        ...bearerItems(happening.by),
        item("Reason", happening.reason ?? "Duress")
      ])
    case "AccessPointEnabled":
      return property("AccessPoint/State/Enabled", source, [item("State", happening.on)])
  }
}

/** What a device says of a happening; its time comes from the device's clock. */
export const messageOf = (happening: Happening): Untimed => {
  if ("accessPoint" in happening) return accessMessage(happening)
  switch (happening._tag) {
    case "Motion":
    case "SignalLoss":
    case "SceneChanged":
      return property(videoTopics[happening._tag], [item("Source", happening.source)], [item("State", happening.on)])
    case "CellMotion":
      return property(
        "RuleEngine/CellMotionDetector/Motion",
        ruleItems(happening.source, happening.rule ?? "MyMotionDetectorRule"),
        [item("IsMotion", happening.on)]
      )
    case "Tampered":
      return property(
        "RuleEngine/TamperDetector/Tamper",
        ruleItems(happening.source, happening.rule ?? "MyTamperDetectorRule"),
        [item("IsTamper", happening.on)]
      )
    case "LineCrossed":
      return momentary(
        "RuleEngine/LineDetector/Crossed",
        newRuleItems(happening.source, happening.rule ?? "MyLineDetectorRule"),
        [
          ...optional("ObjectId", happening.objectId?.toString()),
          ...optional("ClassTypes", happening.classes?.join(" "))
        ]
      )
    case "ObjectsDetected":
      return momentary(
        "RuleEngine/ObjectDetection/Object",
        newRuleItems(happening.source, happening.rule ?? "MyObjectDetectorRule"),
        [item("ClassTypes", happening.classes.join(" "))]
      )
    case "Input":
      return property(
        "Device/Trigger/DigitalInput",
        [item("InputToken", happening.token)],
        [item("LogicalState", happening.on)]
      )
    case "Relay":
      return property(
        "Device/Trigger/Relay",
        [item("RelayToken", happening.token)],
        [item("LogicalState", happening.on ? "active" : "inactive")]
      )
    case "StorageFailure":
      return property(
        "Device/HardwareFailure/StorageFailure",
        [item("Token", happening.token)],
        [item("Failed", happening.on)]
      )
    case "AuthenticationFailed":
      return momentary(
        "Device/SecurityPolicy/AuthFailed",
        [item("NetworkInterface", "eth0")],
        [item("SourceIPv4", happening.from)]
      )
    case "CredentialEnabled":
      return momentary(
        "Credential/State/Enabled",
        [item("CredentialToken", happening.token)],
        [
          item("State", happening.on),
          item("Reason", happening.reason ?? ""),
          item("ClientUpdated", happening.clientUpdated ?? false)
        ]
      )
    case "AntiPassbackViolated":
      return momentary(
        "Credential/State/ApbViolation",
        [item("CredentialToken", happening.token)],
        [item("ApbViolation", happening.on), item("ClientUpdated", happening.clientUpdated ?? false)]
      )
    case "ConfigurationChanged":
    case "ConfigurationRemoved": {
      const what = happening._tag === "ConfigurationChanged" ? "Changed" : "Removed"
      return momentary(`Configuration/${happening.of}/${what}`, [item(`${happening.of}Token`, happening.token)], [])
    }
    case "Other":
      return happening.notification
  }
}
