import { Option, Schema } from "effect"
import type { PointKind } from "../../gateway/domain/observation.ts"

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
  /** A template that is more than a path: it is told and never run. */
  readonly template?: string
}

type Config = Readonly<Record<string, unknown>>

const asConfig = Schema.decodeUnknownOption(Schema.Record(Schema.String, Schema.Unknown))
const asJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

/** The abbreviations that discovery messages may use, of the keys read here (Home Assistant, "MQTT discovery"). */
const abbreviations: Readonly<Record<string, string>> = {
  dev_cla: "device_class",
  stat_t: "state_topic",
  val_tpl: "value_template",
  pl_on: "payload_on",
  pl_off: "payload_off",
  stat_locked: "state_locked",
  stat_unlocked: "state_unlocked",
  stat_open: "state_open",
  stat_clsd: "state_closed",
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
}

/** What of it concerns a door or its guard; undefined for all the rest of a house. */
const meaningOf = (component: string, config: Config): Meaning | undefined => {
  const device = textIn(config, "device_class")
  if (component === "binary_sensor") {
    const kind = kinds[device ?? ""]
    if (kind === undefined) return undefined
    const [on, off] = onOff(kind)
    return {
      kind,
      values: (inJson) => [
        sent(config["payload_on"], "ON", on, inJson),
        sent(config["payload_off"], "OFF", off, inJson)
      ]
    }
  }
  if (component === "lock")
    return {
      kind: "lock",
      values: (inJson) => [
        sent(config["state_locked"], "LOCKED", "locked", inJson),
        sent(config["state_unlocked"], "UNLOCKED", "unlocked", inJson)
      ]
    }
  if (component === "cover" && ["door", "garage", "gate"].includes(device ?? ""))
    return {
      kind: "position",
      values: (inJson) => [
        sent(config["state_open"], "open", "open", inJson),
        sent(config["state_closed"], "closed", "closed", inJson)
      ]
    }
  return undefined
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

const entityIn = (announcedBy: string, component: string, object: string, config: Config): Entity | undefined => {
  const base = textIn(config, "~")
  const written = textIn(config, "state_topic")
  const meaning = meaningOf(component, config)
  const point = pointOf(object)
  if (written === undefined || meaning === undefined || point === "") return undefined
  const topic = base === undefined ? written : written.replace(/^~|~$/g, base)
  const template = textIn(config, "value_template")
  const path = pathIn(template)
  return {
    announcedBy,
    device: makerOf(config),
    topic,
    point,
    kind: meaning.kind,
    values: meaning.values(path !== undefined),
    ...(path === undefined ? (template === undefined ? {} : { template }) : { path })
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
