import type { DeviceEvent } from "../../../gateway/domain/device-event.ts"
import type { PointValue } from "../../../gateway/domain/observation.ts"

/** A recorded message with what it should mean, in the vocabulary of those who recorded it. */
export interface Sample {
  readonly id: string
  readonly family: string
  readonly topic: string
  readonly payload: string
  readonly payload_encoding: "utf8" | "base64"
  readonly mqtt?: { readonly retain?: boolean }
  readonly prior_state?: { readonly [device: string]: unknown }
  readonly expect_events: ReadonlyArray<Expected>
  readonly expect_state?: { readonly [device: string]: { readonly [field: string]: unknown } }
}

export interface Expected {
  readonly type: string
  readonly time?: string
  readonly late?: boolean
  readonly card?: string
  readonly action?: string
  readonly reason?: string
}

/** The devices a sample is of: how they would be configured here. */
export interface Configured {
  readonly id: string
  readonly profile: string
  readonly address: string
  readonly via?: string
  readonly parameters?: Readonly<Record<string, string>>
}

interface Family {
  readonly profile: string
  /** The address of the device that a sample's topic or payload names. */
  readonly address: (sample: Sample) => string
}

const level = (nth: number) => (sample: Sample) => sample.topic.split("/")[nth]!
const member = (name: string) => (sample: Sample) =>
  String((JSON.parse(sample.payload) as Record<string, unknown>)[name])

const families: { readonly [family: string]: Family } = {
  zigbee2mqtt: { profile: "zigbee2mqtt", address: level(1) },
  "ha-discovery": { profile: "zigbee2mqtt", address: () => "porte" },
  tasmota: { profile: "tasmota", address: level(1) },
  shelly: { profile: "shelly", address: level(0) },
  esphome: { profile: "esphome", address: level(0) },
  frigate: { profile: "frigate", address: level(1) },
  axis: { profile: "axis", address: level(1) },
  "onvif-ej": { profile: "onvif-ej", address: level(0) },
  uhppoted: { profile: "uhppoted", address: () => "405419896" },
  "esp-rfid": { profile: "esp-rfid", address: member("door") },
  "dahua-vto": { profile: "dahua-vto", address: member("serialNumber") },
  "unifi-access": { profile: "unifi-access", address: level(2) },
  "paradox-pai": { profile: "paradox", address: level(0) },
  rtl_433: {
    profile: "rtl_433",
    address: (sample) => `${member("model")(sample)}/${member("id")(sample)}`
  },
  chirpstack: { profile: "chirpstack", address: level(3) },
  ttn: { profile: "ttn", address: level(3) },
  sparkplug: {
    profile: "sparkplug",
    address: (sample) => [1, 3, 4].flatMap((nth) => level(nth)(sample) ?? []).join("/")
  },
  homie5: { profile: "homie", address: level(2) }
}

const familyOf = (sample: Sample): Family => {
  const family = families[sample.family] ?? families[sample.family.replace("rtl433", "rtl_433")]
  if (family === undefined) throw new Error(`nobody says which profile is for the family "${sample.family}"`)
  return family
}

const cameraOf = (sample: Sample): string => {
  if (!sample.payload.startsWith("{")) return level(1)(sample)
  const message = JSON.parse(sample.payload) as { camera?: string; after?: { camera: string } }
  return message.after?.camera ?? message.camera ?? "camera"
}

/** How the sample's devices would be configured. */
export const configuredFor = (sample: Sample): ReadonlyArray<Configured> => {
  const { profile, address } = familyOf(sample)
  if (profile === "zigbee2mqtt" && sample.topic.includes("/bridge/")) {
    return [
      { id: "device", profile, address: "bridge" },
      { id: "behind", profile, address: "some-contact", via: "device" }
    ]
  }
  if (profile === "shelly" && sample.topic.startsWith("shellies/"))
    return [{ id: "device", profile: "shelly-gen1", address: level(1)(sample) }]
  if (profile === "frigate") {
    return sample.topic === "frigate/available"
      ? [{ id: "device", profile, address: "frigate" }]
      : [{ id: "device", profile, address: cameraOf(sample) }]
  }
  if (profile === "sparkplug" && sample.topic.includes("NDEATH")) {
    const node = address(sample)
    return [
      { id: "device", profile, address: node },
      { id: "behind", profile, address: `${node}/Pibrella`, via: "device" }
    ]
  }
  return [{ id: "device", profile, address: address(sample) }]
}

const off = (kind: "input" | "tamper" | "motion"): PointValue => ({ kind, value: "off" })
const on = (kind: "input" | "tamper" | "motion"): PointValue => ({ kind, value: "on" })

/** The point that a field of the recorders' state stands for, and its value; undefined for what is no point of ours. */
export const pointFor = (
  sample: Sample,
  field: string,
  value: unknown
): { readonly point: string; readonly reading: PointValue } | undefined => {
  const truth = value === true || ["1", "ON", "on", "active", "open"].includes(String(value))
  switch (field) {
    case "contact": {
      const position: PointValue = { kind: "position", value: value === "open" ? "open" : "closed" }
      switch (familyOf(sample).profile) {
        case "esphome":
          return { point: "front_door", reading: truth ? on("input") : off("input") }
        case "uhppoted":
          return { point: "door-4.position", reading: position }
        case "unifi-access":
          return { point: "dps", reading: position }
        case "paradox":
          return { point: `zone.${level(3)(sample)}.open`, reading: position }
        case "homie":
          return { point: "contact.open", reading: position }
        default:
          return { point: "contact", reading: position }
      }
    }
    case "lock":
      return { point: "lock", reading: { kind: "lock", value: value === "locked" ? "locked" : "unlocked" } }
    case "battery_low":
      return { point: "battery", reading: { kind: "battery", value: value === true ? "low" : "ok" } }
    case "tamper":
      return { point: "tamper", reading: truth ? on("tamper") : off("tamper") }
    case "motion":
    case "occupancy":
      return familyOf(sample).profile === "rtl_433"
        ? undefined
        : { point: "motion", reading: truth ? on("motion") : off("motion") }
    case "alarm":
      return { point: "alarm", reading: { kind: "alarm", value: truth ? "DoorOpenTooLong" : "Normal" } }
    case "Switch1":
      return { point: "switch-1", reading: truth ? on("input") : off("input") }
    case "switch:0":
      return { point: "switch-0", reading: truth ? on("input") : off("input") }
    case "port/1":
      return { point: "input-1", reading: truth ? on("input") : off("input") }
    case "Relay-1":
      return { point: "relay-Relay-1", reading: truth ? on("input") : off("input") }
    case "Inputs/A":
    case "Inputs/C":
      return { point: field.replace("/", "."), reading: truth ? on("input") : off("input") }
    default:
      return undefined
  }
}

/** Whether a field of the recorders' state says that the device is there; undefined when it says nothing of that. */
export const presenceFor = (field: string, value: unknown): boolean | undefined => {
  if (field === "online") return value === true
  if (field === "state") return value === "ready"
  return field === "detect" ? value === "online" : undefined
}

const occurred =
  (tag: string, same?: (occurrence: Record<string, unknown>, expected: Expected) => boolean) =>
  (event: DeviceEvent, expected: Expected): boolean =>
    event._tag === "Occurred" &&
    event.occurrence._tag === tag &&
    (same === undefined || same(event.occurrence as unknown as Record<string, unknown>, expected))

const changed =
  (...names: ReadonlyArray<string>) =>
  (event: DeviceEvent): boolean =>
    event._tag === "PointChanged" && names.includes(event.name)

const sameCard = (occurrence: Record<string, unknown>, { card }: Expected): boolean =>
  card === undefined || occurrence["credential"] === card

const either =
  (...each: ReadonlyArray<(event: DeviceEvent, expected: Expected) => boolean>) =>
  (event: DeviceEvent, expected: Expected): boolean =>
    each.some((one) => one(event, expected))

/** The recorders' events in our words. A plain input that is a door's contact makes the door's opening. */
export const words: { readonly [type: string]: (event: DeviceEvent, expected: Expected) => boolean } = {
  "door.opened": changed("DoorOpened", "InputActivated"),
  "door.closed": changed("DoorClosed", "InputDeactivated"),
  "door.forced": occurred("DoorForcedReported"),
  "door.held": either(occurred("DoorHeldReported"), changed("DoorOpenTooLong")),
  "lock.unlocked": changed("DoorUnlocked"),
  "lock.locked": changed("DoorLocked"),
  "battery.low": changed("BatteryLow"),
  "tamper.on": changed("TamperDetected"),
  "motion.started": either(changed("MotionStarted"), occurred("MotionDetected")),
  "input.on": changed("InputActivated"),
  "input.off": changed("InputDeactivated"),
  "output.on": changed("InputActivated"),
  "button.pressed": occurred("ButtonPressed", (occurrence, { action }) => occurrence["action"] === action),
  "panic.pressed": occurred("PanicPressed"),
  "vibration.detected": occurred("VibrationDetected"),
  "doorbell.pressed": occurred("DoorbellPressed"),
  "rex.pressed": occurred("ExitRequested"),
  "credential.read": occurred("CredentialPresented", sameCard),
  "access.granted": occurred("AccessGranted", sameCard),
  "access.denied": occurred("AccessDenied", sameCard),
  "camera.object.started": occurred("ObjectDetected"),
  "camera.object.ended": occurred("ObjectLeft"),
  "camera.alert": occurred("CameraAlerted"),
  "camera.face.recognised": occurred("FaceRecognised"),
  "camera.plate.recognised": occurred("PlateRecognised"),
  "device.config_changed": occurred("DeviceConfigurationChanged"),
  "device.power_on": occurred("DeviceRestarted"),
  "device.events_lost": (event) => event._tag === "GapRecorded",
  "device.online": (event) => event._tag === "DeviceAvailable",
  "device.offline": (event) => event._tag === "DeviceUnavailable",
  "device.removed": (event) => event._tag === "DeviceUnavailable",
  "gateway.offline": (event) => event._tag === "DeviceUnavailable",
  "camera.offline": (event) => event._tag === "DeviceUnavailable"
}

/** What our words say besides, of the same happening. */
export const besides: { readonly [type: string]: (event: DeviceEvent) => boolean } = {
  "lock.unlocked": (event) =>
    occurred("LockOperated")(event, { type: "" }) || occurred("AccessGranted")(event, { type: "" }),
  // A bridge takes those behind it along.
  "gateway.offline": (event) => event._tag === "DeviceUnavailable"
}
