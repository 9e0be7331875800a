import type { Device } from "../../gateway/domain/campus.ts"
import type { Message } from "./mapping.ts"
import { type Dialect, type Speaker } from "./recognise-device.ts"
import { type Entity, entitiesIn, readConfig } from "./recognise-home-assistant.ts"

type Line = Readonly<Record<string, unknown>>

/** What Home Assistant discovery says of a point that no profile reads: enough to write a mapping by hand. */
export interface Proposal {
  /** The topic that announced it. */
  readonly announcedBy: string
  /** The thing it belongs to, in its maker's words. */
  readonly device: string
  readonly topic: string
  readonly point: string
  readonly kind: string
  /**
   * One line of a profile's `readings`, or with a `word` of its `occurrences`; absent when its template is more than a
   * path.
   */
  readonly mapping?: Line
  /** The template that was not translated. */
  readonly template?: string
}

/** More announcements than this are not kept. */
const configsMax = 20_000

/** The message that would bring a value, as the announcement describes it. */
const messageWith = ({ topic, path }: Entity, value: unknown): Message => {
  const text =
    path === undefined
      ? String(value)
      : JSON.stringify(path.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value))
  return { topic, payload: Buffer.from(text), retained: false, receivedAt: Date.now() }
}

/** The condition that a message has a value there: a reader's topic mostly tells something else. */
const hasPath = (path: string): string =>
  path
    .split(".")
    .map((_, index, names) => `has(payload.${names.slice(0, index + 1).join(".")})`)
    .join(" && ")

/** The line of `occurrences` of what tells no end. */
const occurrenceOf = ({ point, path, values }: Entity, word: string): Line => {
  const [begins] = values
  if (begins !== undefined) return { point, word, match: { [path ?? "payload"]: [begins.text] } }
  if (word === "ButtonPressed") return { point, word, fields: { action: { path } } }
  if (word !== "CredentialPresented") return { point, word }
  const fields = { credential: { path: path ?? "payload" }, method: { is: "card" } }
  return { point, word, ...(path === undefined || /[^\w.]/.test(path) ? {} : { when: hasPath(path) }), fields }
}

const readingOf = ({ point, kind, path, ranges, values, silent }: Entity): Line => ({
  point,
  kind,
  ...(path === undefined ? {} : { path }),
  ...(ranges !== undefined ? { ranges } : { values: Object.fromEntries(values.map(({ text, word }) => [text, word])) }),
  ...(silent.length === 0 ? {} : { silent })
})

const proposalOf = (entity: Entity): Proposal => {
  const { announcedBy, device, topic, point, kind, template, happens } = entity
  const said = { announcedBy, device, topic, point, kind }
  if (template !== undefined) return { ...said, template }
  return { ...said, mapping: happens === undefined ? readingOf(entity) : occurrenceOf(entity, happens) }
}

/**
 * Home Assistant discovery: what a broker's devices announce of themselves. It is no message of a device; it finds the
 * ones that have not spoken yet, and what no profile reads.
 */
export class Announcements {
  static readonly filters: ReadonlyArray<string> = ["homeassistant/#"]
  readonly #dialects: ReadonlyArray<Dialect>
  readonly #configs = new Map<string, string>()

  constructor(dialects: ReadonlyArray<Dialect>) {
    this.#dialects = dialects
  }

  /** Whether a message is Home Assistant's own. */
  hear({ topic, payload }: Message): boolean {
    if (!topic.startsWith("homeassistant/")) return false
    if (!topic.endsWith("/config")) return true
    // An empty payload takes an announcement back.
    if (payload.length === 0) this.#configs.delete(topic)
    else if (this.#configs.has(topic) || this.#configs.size < configsMax)
      this.#configs.set(topic, Buffer.from(payload).toString("utf8"))
    return true
  }

  /** The devices that are announced on a profile's topics, and what no profile reads. */
  read(): { readonly announced: ReadonlySet<Speaker>; readonly proposals: ReadonlyArray<Proposal> } {
    const announced = new Set<Speaker>()
    const proposals: Array<Proposal> = []
    for (const [topic, text] of this.#configs)
      for (const entity of entitiesIn(topic, readConfig(text))) {
        const speaker = this.#speakerOf(entity)
        if (speaker === undefined) proposals.push(proposalOf(entity))
        else announced.add(speaker)
      }
    return {
      announced,
      proposals: proposals.sort((a, b) => a.topic.localeCompare(b.topic) || a.point.localeCompare(b.point))
    }
  }

  /**
   * The device whose profile makes a reading of what is announced, tried with the message that would bring it. Nobody's
   * message is counted, and no template is run.
   */
  #speakerOf(entity: Entity): Speaker | undefined {
    if (entity.template !== undefined) return undefined
    const levels = entity.topic.split("/")
    for (const dialect of this.#dialects) {
      const { reading } = dialect
      if (reading.excludes(levels)) continue
      for (const pattern of reading.topics) {
        const captures = reading.reads(pattern, levels)
        const address = captures === undefined ? undefined : reading.addressesIn({ payload: undefined, captures })[0]
        if (address === undefined) continue
        const { device } = dialect.find(address)
        if (entity.happens !== undefined) {
          if (!this.#happensTo(entity, dialect, device)) continue
          return dialect.speaker(address)
        }
        const said = entity.values.flatMap(({ value }) => dialect.try(device, messageWith(entity, value)).observations)
        const readings = said.flatMap((seen) => (seen._tag === "Reading" ? [seen] : []))
        if (readings.length === 0) continue
        const speaker = dialect.speaker(address)
        for (const { point, reading: read } of readings) speaker.announce(point, read.kind)
        return speaker
      }
    }
    return undefined
  }

  /** Whether a profile makes something of what tells no end. */
  #happensTo(entity: Entity, dialect: Dialect, device: Device): boolean {
    const { value } = entity.values[0] ?? { value: "press" }
    return dialect
      .try(device, messageWith(entity, value))
      .observations.some(({ _tag }) => _tag === "Occurrence" || _tag === "Reading")
  }
}
