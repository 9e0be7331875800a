import { Option, Schema } from "effect"
import type { PointKind } from "../../gateway/domain/observation.ts"

type Ranges = ReadonlyArray<{ readonly from: number; readonly to: number; readonly word?: string }>

/** A point as Home Assistant discovery announces it, in our words. */
export interface Entity {
  readonly announcedBy: string
  readonly device: string
  readonly topic: string
  /** Where the value stands in a JSON payload; absent: the payload is the value. */
  readonly path?: string
  readonly point: string
  readonly kind: PointKind
  /** What is sent, its text as a profile's table has it, and our word. */
  readonly values: ReadonlyArray<{ readonly value: unknown; readonly text: string; readonly word: string }>
  /** What is sent on the way from one state to the other, and says nothing of either. */
  readonly silent: ReadonlyArray<string>
  /** Its value is a number, and these are the words of what is in between. */
  readonly ranges?: Ranges
  /** It tells no end: the word of what happens with the first of its values, or with any when it has none. */
  readonly happens?: string
  /** A template that is more than a path: it is told and never run. */
  readonly template?: string
}

type Config = Readonly<Record<string, unknown>>

const asConfig = Schema.decodeUnknownOption(Schema.Record(Schema.String, Schema.Unknown))
const asJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

/** The abbreviations that discovery messages may use, of the keys read here (Home Assistant, "MQTT discovery"). */
const abbreviations: Readonly<Record<string, string>> = {
  dev_cla: "device_class",
  t: "topic",
  stat_t: "state_topic",
  pos_t: "position_topic",
  pos_tpl: "position_template",
  pos_clsd: "position_closed",
  pos_open: "position_open",
  val_tpl: "value_template",
  pl_on: "payload_on",
  pl_off: "payload_off",
  pl_rst: "payload_reset",
  off_dly: "off_delay",
  evt_typ: "event_types",
  stat_locked: "state_locked",
  stat_locking: "state_locking",
  stat_unlocked: "state_unlocked",
  stat_unlocking: "state_unlocking",
  stat_jam: "state_jammed",
  stat_open: "state_open",
  stat_opening: "state_opening",
  stat_clsd: "state_closed",
  stat_closing: "state_closing",
  stat_stopped: "state_stopped",
  obj_id: "object_id",
  dev: "device",
  mf: "manufacturer",
  mdl: "model",
  cmps: "components",
  p: "platform"
}

const expanded = (config: Config): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [abbreviations[key] ?? key, value]))

/** A discovery message's keys, in full; nothing for what is no JSON object. */
export const readConfig = (text: string): Config => expanded(Option.getOrElse(asJson(text), () => ({})))

const textIn = (config: Config, key: string): string | undefined => {
  const value = config[key]
  return typeof value === "string" && value !== "" ? value : undefined
}

const inner = (config: Config, key: string): Config => expanded(Option.getOrElse(asConfig(config[key]), () => ({})))

/** Kinds by Home Assistant's device class of a binary sensor. */
const kinds: Readonly<Record<string, PointKind>> = {
  door: "position",
  garage_door: "position",
  opening: "position",
  window: "position",
  lock: "lock",
  tamper: "tamper",
  problem: "fault",
  battery: "battery",
  motion: "motion",
  moving: "motion",
  occupancy: "motion",
  presence: "motion",
  carbon_monoxide: "input",
  gas: "input",
  heat: "input",
  moisture: "input",
  safety: "input",
  smoke: "input",
  sound: "input",
  vibration: "input"
}

/** What "on" and "off" of a binary sensor mean, in our words: of a lock, "on" is unlocked. */
const onOff = (kind: PointKind): readonly [on: string, off: string] =>
  kind === "position"
    ? ["open", "closed"]
    : kind === "lock"
      ? ["unlocked", "locked"]
      : kind === "battery"
        ? ["low", "ok"]
        : ["on", "off"]

type Sent = Entity["values"][number]

/** A value as it is sent. Jinja writes JSON's true as "True": whoever announces that means the JSON value. */
const sent = (value: unknown, standard: string, word: string, inJson: boolean): Sent => {
  const given = typeof value === "boolean" || typeof value === "number" || typeof value === "string" ? value : standard
  if (inJson && (given === "True" || given === "False")) return sent(given === "True", standard, word, inJson)
  return { value: given, text: String(given), word }
}

interface Meaning {
  readonly kind: PointKind
  readonly values: (inJson: boolean) => ReadonlyArray<Sent>
  readonly silent?: ReadonlyArray<unknown>
  readonly ranges?: Ranges
  readonly happens?: string
  /** Where in what its template finds the value stands. */
  readonly within?: string
}

/** What happens with a binary sensor that Home Assistant itself turns off again: its device never does. */
const happening: Readonly<Record<string, string>> = {
  motion: "MotionDetected",
  moving: "MotionDetected",
  occupancy: "MotionDetected",
  presence: "MotionDetected",
  vibration: "VibrationDetected"
}

/** What an event is, by its device class. */
const events: Readonly<Record<string, string>> = {
  button: "ButtonPressed",
  doorbell: "DoorbellPressed",
  motion: "MotionDetected"
}

/** The text with which a state is taken back; in JSON that is null. */
const nothing = (config: Config, inJson: boolean): ReadonlyArray<Sent> =>
  inJson ? [] : [sent(config["payload_reset"], "None", "unknown", inJson)]

const meaningOfLock = (config: Config): Meaning => ({
  kind: "lock",
  values: (inJson) => [
    sent(config["state_locked"], "LOCKED", "locked", inJson),
    sent(config["state_unlocked"], "UNLOCKED", "unlocked", inJson),
    sent(config["state_open"], "OPEN", "unlocked", inJson),
    sent(config["state_jammed"], "JAMMED", "fault", inJson),
    ...nothing(config, inJson)
  ],
  silent: [
    config["state_locking"] ?? "LOCKING",
    config["state_unlocking"] ?? "UNLOCKING",
    config["state_opening"] ?? "OPENING"
  ]
})

/** A gate that moves is not closed; one that stopped is where nobody says. */
const meaningOfCover = (config: Config): Meaning => {
  if (textIn(config, "state_topic") === undefined) return meaningOfPosition(config)
  return meaningOfCoverState(config)
}

/** A cover that tells nothing but how far it is open. */
const meaningOfPosition = ({ position_closed: closed = 0, position_open: open = 100 }: Config): Meaning => {
  const [shut, wide] = [Number(closed), Number(open)]
  const [from, to] = shut < wide ? [shut + 0.01, wide] : [wide, shut - 0.01]
  return {
    kind: "position",
    values: () => [
      { value: shut, text: String(shut), word: "closed" },
      { value: wide, text: String(wide), word: "open" }
    ],
    ranges: [
      { from: shut, to: shut, word: "closed" },
      { from, to, word: "open" }
    ]
  }
}

const meaningOfCoverState = (config: Config): Meaning => ({
  kind: "position",
  values: (inJson) => [
    sent(config["state_open"], "open", "open", inJson),
    sent(config["state_closed"], "closed", "closed", inJson),
    sent(config["state_opening"], "opening", "open", inJson),
    sent(config["state_closing"], "closing", "open", inJson),
    sent(config["state_stopped"], "stopped", "unknown", inJson),
    ...nothing(config, inJson)
  ]
})

/** An alarm panel's states; all but one of them say that there is no alarm. */
const quiet: ReadonlyArray<string> = [
  "disarmed",
  "armed_home",
  "armed_away",
  "armed_night",
  "armed_vacation",
  "armed_custom_bypass",
  "arming",
  "disarming",
  "pending"
]

const meaningOfPanel = (config: Config): Meaning => ({
  kind: "input",
  values: (inJson) => [
    { value: "triggered", text: "triggered", word: "on" },
    ...quiet.map((state) => ({ value: state, text: state, word: "off" })),
    ...nothing(config, inJson)
  ]
})

const meaningOfBinary = (config: Config, device: string): Meaning | undefined => {
  const kind = kinds[device]
  if (kind === undefined) return undefined
  const [on, off] = onOff(kind)
  const happens = typeof config["off_delay"] === "number" ? happening[device] : undefined
  return {
    kind,
    values: (inJson) => [
      sent(config["payload_on"], "ON", on, inJson),
      sent(config["payload_off"], "OFF", off, inJson),
      ...nothing(config, inJson)
    ],
    ...(happens === undefined ? {} : { happens })
  }
}

/** What of it concerns a door or its guard; undefined for all the rest of a house. */
const meaningOf = (component: string, config: Config): Meaning | undefined => {
  const device = textIn(config, "device_class") ?? ""
  if (component === "binary_sensor") return meaningOfBinary(config, device)
  if (component === "lock") return meaningOfLock(config)
  if (component === "alarm_control_panel") return meaningOfPanel(config)
  if (component === "cover" && ["door", "garage", "gate"].includes(device)) return meaningOfCover(config)
  if (component === "sensor" && device === "battery")
    return {
      kind: "battery",
      values: () => [
        { value: 5, text: "5", word: "low" },
        { value: 90, text: "90", word: "ok" }
      ],
      ranges: [
        { from: 0, to: 10, word: "low" },
        { from: 10, to: 20 },
        { from: 20, to: 100, word: "ok" }
      ]
    }
  // A reader of tags: what it reads is the tag's own text.
  if (component === "tag") return { kind: "input", values: () => [], happens: "CredentialPresented" }
  const happens = component === "event" ? events[device] : undefined
  return happens === undefined ? undefined : { kind: "input", values: () => [], happens, within: "event_type" }
}

/** The only template that is understood: a path into the JSON payload, in dots or brackets, that may be absent. */
const trivial =
  /^\{\{-?\s*value_json((?:\.[A-Za-z_]\w*|\['[A-Za-z_][\w -]*'\]|\["[A-Za-z_][\w -]*"\])+)\s*(?:\|\s*is_defined\s*)?-?\}\}$/

const pathIn = (template: string | undefined): string | undefined =>
  trivial
    .exec(template?.trim() ?? "")?.[1]
    ?.replace(/\[["']([^"']+)["']\]/g, ".$1")
    .slice(1)

const pointOf = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9._:-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 64)

const makerOf = (config: Config): string => {
  const device = inner(config, "device")
  const product = [textIn(device, "manufacturer"), textIn(device, "model")].filter((word) => word !== undefined)
  const name = textIn(device, "name") ?? textIn(config, "name") ?? ""
  return product.length === 0 ? name : `${name} (${product.join(" ")})`.trim()
}

/** Where the topics of components stand whose state is not, or not always, at `state_topic`; the first counts. */
const topicOf: Readonly<Record<string, ReadonlyArray<string>>> = {
  cover: ["state_topic", "position_topic"],
  tag: ["topic"]
}

const entityIn = (announcedBy: string, component: string, object: string, config: Config): Entity | undefined => {
  const base = textIn(config, "~")
  const written = textIn(config, topicOf[component]?.find((key) => textIn(config, key) !== undefined) ?? "state_topic")
  const meaning = meaningOf(component, config)
  const point = pointOf(object)
  if (written === undefined || meaning === undefined || point === "") return undefined
  const topic = base === undefined ? written : written.replace(/^~|~$/g, base)
  const byPosition = meaning.ranges !== undefined && component === "cover"
  const template = textIn(config, byPosition ? "position_template" : "value_template")
  const found = pathIn(template)
  const path =
    meaning.within === undefined ? found : [...(found === undefined ? [] : [found]), meaning.within].join(".")
  return {
    announcedBy,
    device: makerOf(config),
    topic,
    point,
    kind: meaning.kind,
    values: meaning.values(path !== undefined),
    silent: (meaning.silent ?? []).map(String),
    ...(meaning.ranges === undefined ? {} : { ranges: meaning.ranges }),
    ...(meaning.happens === undefined ? {} : { happens: meaning.happens }),
    ...(template !== undefined && found === undefined ? { template } : path === undefined ? {} : { path })
  }
}

const toList = (entity: Entity | undefined): ReadonlyArray<Entity> => (entity === undefined ? [] : [entity])

/**
 * The points that a discovery message announces: `homeassistant/<component>/[<node>/]<object>/config`, or a whole device
 * with its components under `homeassistant/device/`.
 */
export const entitiesIn = (topic: string, config: Config): ReadonlyArray<Entity> => {
  const levels = topic.split("/")
  const component = levels[1] ?? ""
  const object = levels.at(-2) ?? ""
  if (component !== "device") return toList(entityIn(topic, component, object, config))
  const { components: _, ...shared } = config
  const components = Option.getOrElse(asConfig(config["components"]), (): Config => ({}))
  return Object.keys(components).flatMap((name) => {
    const own = inner(components, name)
    return toList(entityIn(topic, textIn(own, "platform") ?? "", name, { ...shared, ...own }))
  })
}
