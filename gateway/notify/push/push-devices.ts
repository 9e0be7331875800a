import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Result, Schema } from "effect"
import { writePrivately } from "../../api/private-file.ts"

/** A browser of a person that takes messages: where they go, and what they are sealed with. */
export const PushDevice = Schema.Struct({
  /** Of the endpoint, and telling nothing of it: what the log and the console call the device. */
  id: Schema.String,
  /** The address at the push service. Whoever knows it can send there: it is never shown and never in the log. */
  endpoint: Schema.String,
  p256dh: Schema.String,
  auth: Schema.String,
  /** What it is, in a word or two: "Chrome on Android". */
  name: Schema.String,
  /** Epoch milliseconds: first registered, and last seen to be registered (at each opening of the console). */
  since: Schema.Finite,
  seenAt: Schema.Finite,
  /** When it last said that it had received something. */
  receivedAt: Schema.optionalKey(Schema.Finite)
})
export type PushDevice = typeof PushDevice.Type

const decodeFile = Schema.decodeUnknownResult(
  Schema.fromJsonString(Schema.Struct({ devices: Schema.Array(PushDevice) }))
)

/** One person has so many devices at most; the one that was not seen for longest makes room. */
const devicesMax = 10

/** The name of a device, of its endpoint. */
export const deviceIdOf = (endpoint: string): string =>
  `push-${createHash("sha256").update(endpoint).digest("hex").slice(0, 12)}`

/** The devices that people have registered, kept in `<dataDir>/push/<person>.json`, mode 0600: never in the log. */
export interface PushDevices {
  readonly of: (person: string) => ReadonlyArray<PushDevice>
  /** Who has a device. */
  readonly people: () => ReadonlySet<string>
  /** Registers a device, or renews it. Whose it was before loses it: one browser is one person's. Answers whether it is new. */
  readonly keep: (person: string, device: Omit<PushDevice, "id" | "since" | "seenAt">, now: number) => "new" | "known"
  /** Answers whether there was one. */
  readonly forget: (person: string, id: string) => boolean
  /** It has shown a message. */
  readonly received: (person: string, id: string, now: number) => void
}

const isPersonId = (person: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(person)

export const openPushDevices = (dataDir: string): PushDevices => {
  const directory = join(dataDir, "push")
  const fileOf = (person: string): string => {
    if (!isPersonId(person)) throw new RangeError(`"${person}" is no person's id`)
    return join(directory, `${person}.json`)
  }
  const of = (person: string): ReadonlyArray<PushDevice> => {
    const file = fileOf(person)
    if (!existsSync(file)) return []
    const decoded = decodeFile(readFileSync(file, "utf8"))
    return Result.isSuccess(decoded) ? decoded.success.devices : []
  }
  const write = (person: string, devices: ReadonlyArray<PushDevice>): void => {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    writePrivately(directory, fileOf(person), `${JSON.stringify({ devices }, null, 2)}\n`)
  }
  const files = (): ReadonlyArray<string> =>
    existsSync(directory)
      ? readdirSync(directory).flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -".json".length)] : []))
      : []
  const forget = (person: string, id: string): boolean => {
    const known = of(person)
    const left = known.filter((device) => device.id !== id)
    if (left.length === known.length) return false
    write(person, left)
    return true
  }
  return {
    of,
    people: () => new Set(files().filter((person) => of(person).length > 0)),
    forget,
    keep: (person, told, now) => {
      const id = deviceIdOf(told.endpoint)
      for (const other of files()) if (other !== person) forget(other, id)
      const known = of(person)
      const before = known.find((device) => device.id === id)
      const device: PushDevice = { ...before, ...told, id, since: before?.since ?? now, seenAt: now }
      const others = known.filter((one) => one.id !== id).toSorted((a, b) => b.seenAt - a.seenAt)
      write(person, [device, ...others.slice(0, devicesMax - 1)])
      return before === undefined ? "new" : "known"
    },
    received: (person, id, now) => {
      const known = of(person)
      if (!known.some((device) => device.id === id)) return
      write(
        person,
        known.map((device) => (device.id === id ? { ...device, receivedAt: now } : device))
      )
    }
  }
}
