import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { Result, Schema } from "effect"
import { DeviceId } from "../domain/ids.ts"

const Counts = Schema.Record(Schema.String, Schema.Int)

/** What was seen of one point: how often it had a value. */
const SheetPoint = Schema.Struct({
  point: Schema.String,
  kind: Schema.String,
  /** Told as its state, or told again. */
  states: Counts,
  /** Told as one that it has just come to. */
  changes: Counts,
  /** It was found to have come to it without having told so. */
  missed: Counts
})
export type SheetPoint = typeof SheetPoint.Type

const SheetTopic = Schema.Struct({
  topic: Schema.String,
  offered: Schema.Boolean,
  property: Schema.NullOr(Schema.Boolean),
  initial: Schema.Int,
  later: Schema.Int
})

const Product = Schema.Struct({
  manufacturer: Schema.String,
  model: Schema.String,
  firmware: Schema.String,
  serialNumber: Schema.String
})

/** What its door controllers were seen to report, over all their points. */
const Reports = Schema.Struct({
  opening: Schema.Boolean,
  closing: Schema.Boolean,
  locking: Schema.Boolean,
  unlocking: Schema.Boolean,
  forced: Schema.Boolean,
  held: Schema.Boolean,
  mode: Schema.Boolean
})

const Subscription = Schema.Struct({
  /** How it told its state to a new subscriber by itself. */
  initialState: Schema.Literals(["Initialized", "Changed", "none"]),
  repeatsState: Schema.Boolean,
  answersEmptyEarly: Schema.NullOr(Schema.Boolean),
  leaseAskedMs: Schema.Finite,
  leaseGrantedMs: Schema.NullOr(Schema.Finite),
  pullExtendsLease: Schema.NullOr(Schema.Boolean),
  renew: Schema.Literals(["works", "refused"]),
  lostSubscriptions: Schema.Int,
  unreadable: Schema.Int
})

/** What one device was seen to do, by whom and when: `<dataDir>/conformance/<device>.json`. It names no person but the observer. */
export const ConformanceSheet = Schema.Struct({
  format: Schema.Literal("gatehouse-conformance"),
  version: Schema.Literal(1),
  device: DeviceId,
  /** The profile that gave the points their names. */
  profile: Schema.String,
  observedAt: Schema.String,
  observedSeconds: Schema.Finite,
  observedBy: Schema.String,
  product: Product,
  /** A later look at the device found this firmware instead. */
  since: Schema.optionalKey(Schema.Struct({ firmware: Schema.String, at: Schema.String })),
  reports: Reports,
  topics: Schema.Array(SheetTopic),
  points: Schema.Array(SheetPoint),
  occurrences: Schema.Array(Schema.Struct({ point: Schema.String, word: Schema.String, count: Schema.Int })),
  subscription: Subscription,
  subscribers: Schema.NullOr(
    Schema.Struct({ taken: Schema.Int, refusal: Schema.NullOr(Schema.String), forgetsTheFirst: Schema.Boolean })
  ),
  clock: Schema.NullOr(Schema.Struct({ offsetMs: Schema.Finite, uncertaintyMs: Schema.Finite })),
  reconnectMs: Schema.NullOr(Schema.Finite),
  picture: Schema.NullOr(
    Schema.Union([
      Schema.Struct({ tookMs: Schema.Finite, bytes: Schema.Int }),
      Schema.Struct({ failed: Schema.String })
    ])
  )
}).annotate({ identifier: "ConformanceSheet" })
export type ConformanceSheet = typeof ConformanceSheet.Type

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(ConformanceSheet))

/** The sheets of a data directory, by device, and those that cannot be used. */
export interface Sheets {
  readonly byDevice: ReadonlyMap<string, ConformanceSheet>
  readonly unusable: ReadonlyArray<{ readonly file: string; readonly why: string }>
}

const directoryOf = (dataDir: string): string => join(dataDir, "conformance")

/** Where the sheet of a device is. */
export const sheetFile = (dataDir: string, device: string): string => join(directoryOf(dataDir), `${device}.json`)

const namesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".json"))
      .sort()
  } catch {
    // Nobody has written a sheet yet.
    return []
  }
}

const readFile = (file: string): string | Error => {
  try {
    return readFileSync(file, "utf8")
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause))
  }
}

const versionIn = (text: string): unknown => {
  try {
    return (JSON.parse(text) as { readonly version?: unknown } | null)?.version
  } catch {
    return undefined
  }
}

/** The sheet, or why it cannot be used. */
const sheetIn = (file: string): ConformanceSheet | string => {
  const text = readFile(file)
  if (text instanceof Error) return text.message
  const decoded = decode(text)
  if (Result.isSuccess(decoded))
    return basename(file) === `${decoded.success.device}.json`
      ? decoded.success
      : `it is the sheet of "${decoded.success.device}"`
  const version = versionIn(text)
  return typeof version === "number" && version !== 1
    ? `it is of version ${version}, and this gateway reads version 1: observe the device again`
    : decoded.failure.message.replaceAll(/\s+/g, " ")
}

/** Reads every sheet of a data directory; a sheet of another version of the format is unusable. */
export const readSheets = (dataDir: string): Sheets => {
  const byDevice = new Map<string, ConformanceSheet>()
  const unusable: Array<{ file: string; why: string }> = []
  for (const name of namesIn(directoryOf(dataDir))) {
    const file = join(directoryOf(dataDir), name)
    const sheet = sheetIn(file)
    if (typeof sheet === "string") unusable.push({ file, why: sheet })
    else byDevice.set(sheet.device, sheet)
  }
  return { byDevice, unusable }
}

/** Writes a device's sheet in the place of the one before it; answers where. Throws what the file system throws. */
export const writeSheet = (dataDir: string, sheet: ConformanceSheet): string => {
  const file = sheetFile(dataDir, sheet.device)
  mkdirSync(directoryOf(dataDir), { recursive: true, mode: 0o700 })
  const draft = `${file}.new`
  writeFileSync(draft, `${JSON.stringify(sheet, null, 2)}\n`)
  renameSync(draft, file)
  return file
}
