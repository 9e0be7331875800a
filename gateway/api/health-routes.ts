import { stat, statfs } from "node:fs/promises"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { ConfigProblem } from "../domain/configuration.ts"
import { DeviceId, EpochMs } from "../domain/ids.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import type { Sources } from "./sources.ts"

const counts = Schema.Record(Schema.String, Schema.Finite)

/** How the gateway itself fares. Links, devices, gaps and channels have lists of their own. */
export const HealthAnswer = Schema.Struct({
  version: Schema.String,
  node: Schema.String,
  startedAt: EpochMs,
  memoryBytes: Schema.Finite,
  store: Schema.Struct({
    accepting: Schema.Boolean,
    refusal: Schema.optionalKey(Schema.String),
    /** Since when it refuses. */
    since: Schema.optionalKey(EpochMs),
    /** Position of the newest entry. */
    head: Schema.Finite,
    /** Reports that wait to be committed. */
    queued: Schema.Finite,
    logBytes: Schema.Finite,
    /** Left on the log's disk for those who are not root. */
    freeBytes: Schema.Finite,
    counts
  }),
  stream: Schema.Struct({ clients: Schema.Finite, cut: Schema.Finite }),
  configuration: Schema.Struct({
    version: Schema.optionalKey(Schema.String),
    /** What is wrong with the one that was written last and is not in force. */
    refused: Schema.optionalKey(Schema.Array(ConfigProblem))
  }),
  /** Devices whose clocks are wrong: ahead of the gateway's by so much when that was found. */
  clocks: Schema.Array(Schema.Struct({ device: DeviceId, offsetMs: Schema.Finite, since: EpochMs })),
  links: Schema.Array(Schema.Struct({ id: Schema.String, counts }))
}).annotate({ identifier: "Health" })

/** 0 for what cannot be asked: a page of health must not be ill itself. */
const sizeOf = (ask: () => Promise<number>): Effect.Effect<number> =>
  Effect.tryPromise(ask).pipe(Effect.catch(() => Effect.succeed(0)))

/** The log on disk: what is committed stands in the write-ahead log before it comes into the database. */
const bytesOfLog = (dataDir: string): Effect.Effect<number> =>
  Effect.all(
    ["gatehouse.db", "gatehouse.db-wal"].map((file) => sizeOf(async () => (await stat(join(dataDir, file))).size))
  ).pipe(Effect.map(([database = 0, ahead = 0]) => database + ahead))

/** How the gateway fares: its store, its clocks, its configuration, its releases. */
export const healthRoutes = (sources: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/health",
    right: "see",
    summary: "How the gateway itself fares: store, clocks, configuration, links' counters, releases",
    answer: HealthAnswer,
    handle: Effect.fnUntraced(function* () {
      const { intake, log, links, stream, process: own } = sources
      const { accepting, refusal, refusedSince, queued, counts: told } = intake.status()
      const { campus, configVersion, refusedConfig, devices } = intake.situation()
      const logBytes = yield* bytesOfLog(own.dataDir)
      const freeBytes = yield* sizeOf(async () => {
        const disk = await statfs(own.dataDir)
        return disk.bavail * disk.bsize
      })
      return {
        version: own.version,
        node: process.version,
        startedAt: own.startedAt,
        memoryBytes: process.memoryUsage.rss(),
        store: {
          accepting,
          ...(refusal === undefined ? {} : { refusal }),
          ...(refusedSince === undefined ? {} : { since: refusedSince }),
          head: log.head(),
          queued,
          logBytes,
          freeBytes,
          counts: told
        },
        stream: { clients: stream.clients(), cut: stream.cut() },
        configuration: {
          ...(configVersion === undefined ? {} : { version: configVersion }),
          ...(refusedConfig === undefined ? {} : { refused: refusedConfig.problems })
        },
        clocks: (campus?.devices ?? []).flatMap(({ id }) => {
          const skewed = devices.get(id)?.skewed
          return skewed === undefined ? [] : [{ device: id, ...skewed }]
        }),
        links: Array.from(links.counts(), ([id, of]) => ({ id, counts: of }))
      }
    })
  })
]
