import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Data, Effect, Exit, HashMap, Logger, Schema, Scope } from "effect"
import { NotKept } from "../../adapters/adapter.ts"
import { UnknownIncident } from "../../gateway/alerts/incident-refused.ts"
import { AreaNotOverridden, UnknownArea, UnknownThreatLevel } from "../../gateway/commands/areas.ts"
import { Table } from "../../gateway/correlation/table.ts"
import { UnknownDoor } from "../../gateway/commands/refused.ts"
import { type Faces, type HttpOptions, serve } from "../../gateway/api/serve.ts"
import { emptyShift } from "../../gateway/correlation/shift.ts"
import { Alert } from "../../gateway/domain/alert.ts"
import { Campus } from "../../gateway/domain/campus.ts"
import type { EvidencePicture } from "../../gateway/evidence/evidence.ts"
import { Entry } from "../../gateway/log/entry.ts"
import { InboundRefused } from "../../gateway/notify/inbound/inbound.ts"
import { PushRefused } from "../../gateway/notify/push/registrations.ts"
import { matches as isWanted } from "../../gateway/log/journal/matching.ts"
import type { EntryQuery, Listener } from "../../gateway/log/security-log.ts"
import { ReplayRunning, UnknownReplay } from "../../gateway/replay/replays.ts"
import { StoreUnavailable } from "../../gateway/log/security-log.ts"
import { serviceKeyOf } from "../../gateway/domain/out-of-service.ts"
import { NoReport } from "../../gateway/gaps/gaps.ts"
import { gapsOf } from "../../gateway/gaps/list.ts"
import { NothingToService, NotOutOfService } from "../../gateway/gaps/refused.ts"
import { emptyInner } from "../../gateway/correlation/draft.ts"
import { UnknownChannel } from "../../gateway/notify/notifier.ts"
import { NoConfigurationFile } from "../../gateway/settings/configuration.ts"

export const noon = Date.UTC(2026, 0, 5, 12)

export const campus = Schema.decodeUnknownSync(Campus)({
  site: { id: "north", name: "North campus", timeZone: "Europe/Berlin" },
  areas: [
    { id: "science", name: "Science Hall", kind: "building" },
    { id: "science-0", name: "Ground floor", kind: "floor", in: "science" }
  ],
  devices: [{ id: "contact", name: "East contact", link: "mqtt", profile: "generic", address: "c1" }],
  doors: [{ id: "east", name: "East exit", area: "science-0", position: "contact/contact" }],
  cameras: []
})

const decodeAlert = Schema.decodeUnknownSync(Alert)
const decodeEntry = Schema.decodeUnknownSync(Entry)

export const alertRaisedBy = (seq: number, suffix = ""): Alert =>
  decodeAlert({
    id: `A-${seq}${suffix}`,
    condition: "DoorForcedOpen",
    key: "door:east",
    door: "east",
    area: "science-0",
    priority: 1,
    validationLevel: 1,
    title: "Door forced open",
    active: true,
    acknowledged: false,
    closed: false,
    resolvedByLateEvidence: false,
    count: 1,
    occurredAt: noon,
    raisedAt: noon,
    updatedAt: noon,
    raisedBy: seq,
    rule: "door-forced",
    configVersion: "v1",
    why: [{ seq, at: noon, text: "The door opened without a grant" }]
  })

class UnknownAlert extends Data.TaggedError("UnknownAlert")<{ readonly id: string }> {
  override get message(): string {
    return `no alert ${this.id}`
  }
}
class NotUndone extends Data.TaggedError("NotUndone")<{ readonly id: string; readonly why: string }> {
  override get message(): string {
    return `the acknowledgement of alert ${this.id} cannot be undone: ${this.why}`
  }
}
class AlertAlreadyClosed extends Data.TaggedError("AlertAlreadyClosed")<{ readonly id: string }> {
  override get message(): string {
    return `alert ${this.id} is closed`
  }
}

const nowhere = (id: string) => Effect.fail(new UnknownIncident({ id }))

/** No case is kept here. */
const noIncidents: Faces["incidents"] = {
  list: () => Effect.succeed([]),
  one: nowhere,
  ofAlert: () => Effect.as(Effect.void, undefined),
  open: () => Effect.fail(new NotKept({ reason: "this double keeps no facts" })),
  addAlert: nowhere,
  removeAlert: nowhere,
  note: nowhere,
  addPerson: nowhere,
  removePerson: nowhere,
  change: nowhere,
  close: nowhere,
  reopen: nowhere
}

/** The contracts of log, intake, alerts and links, kept in memory: no disk, no fold. */
export const memoryGateway = () => {
  const entries: Array<Entry> = []
  const alerts = new Map<string, Alert>()
  const pictures = new Map<string, EvidencePicture>()
  const listeners = new Set<Listener>()
  let refusing = false

  /** Commits that many facts as one batch: passings of time, unless told otherwise. */
  const commit = (count: number, what: object = { _tag: "TimePassed" }): void => {
    const batch = Array.from({ length: count }, (_, n) =>
      decodeEntry({
        _tag: "Fact",
        seq: entries.length + 1 + n,
        site: "north",
        recordedAt: noon + n,
        fact: { ...what, at: noon + n }
      })
    )
    entries.push(...batch)
    const bodies = batch.map((entry) => JSON.stringify(entry))
    for (const listener of listeners) listener(batch, bodies)
  }

  const matches = (entry: Entry, query: EntryQuery): boolean =>
    (query.kind === undefined || entry._tag === query.kind) &&
    (query.door === undefined || entry.door === query.door) &&
    (query.device === undefined || entry.device === query.device) &&
    (query.alert === undefined || entry.alert === query.alert) &&
    (query.after === undefined || entry.seq > query.after) &&
    (query.before === undefined || entry.seq < query.before)

  const refusal = () => new StoreUnavailable({ reason: "disk full at /var/lib/gatehouse" })
  const kept = <A>(effect: Effect.Effect<A>): Effect.Effect<A, StoreUnavailable> =>
    Effect.suspend((): Effect.Effect<A, StoreUnavailable> => (refusing ? Effect.fail(refusal()) : effect))

  const one = (id: string): Effect.Effect<Alert, UnknownAlert> =>
    Effect.suspend(() => {
      const alert = alerts.get(id)
      return alert === undefined ? Effect.fail(new UnknownAlert({ id })) : Effect.succeed(alert)
    })
  const change = (id: string, to: (alert: Alert) => Alert) =>
    Effect.gen(function* () {
      const alert = yield* one(id)
      if (alert.closed) return yield* new AlertAlreadyClosed({ id })
      if (refusing) return yield* new NotKept({ reason: "disk full at /var/lib/gatehouse" })
      const changed = to(alert)
      alerts.set(id, changed)
      commit(1)
      return changed
    })

  const faces: Faces = {
    journal: {
      page: ({ limit, before = Infinity, ...wanted }) =>
        kept(
          Effect.sync(() => {
            const found = entries.toReversed().filter((entry) => entry.seq < before && isWanted(entry, wanted))
            const page = found.slice(0, limit)
            return { entries: page, ...(found.length > limit ? { before: page.at(-1)?.seq ?? 0 } : {}) }
          })
        )
    },
    log: {
      entries: (query) =>
        kept(
          Effect.sync(() => {
            const found = entries.filter((entry) => matches(entry, query))
            return (query.after === undefined ? found.toReversed() : found).slice(0, query.limit)
          })
        ),
      entry: (seq) => kept(Effect.sync(() => entries[seq - 1])),
      alerts: () => Effect.succeed([]),
      alert: () => Effect.as(Effect.void, undefined),
      incidents: () => Effect.succeed([]),
      incident: () => Effect.as(Effect.void, undefined),
      incidentOf: () => Effect.as(Effect.void, undefined),
      head: () => entries.length,
      subscribe: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      }
    },
    intake: {
      report: (_link, _report, settled) => queueMicrotask(settled),
      enter: () => Effect.fail(new NotKept({ reason: "this double keeps no facts" })),
      situation: () => ({
        seq: entries.length,
        at: noon,
        configVersion: "v1",
        campus,
        points: Table.of(),
        devices: Table.of(),
        doors: Table.of([
          [
            "east",
            {
              standing: "Forced",
              position: "Open",
              lock: "Locked",
              mode: "Locked",
              since: noon
            } as const
          ]
        ]),
        links: HashMap.empty(),
        certificates: HashMap.empty(),
        commands: HashMap.empty(),
        arming: HashMap.empty(),
        threat: undefined,
        alerts: HashMap.fromIterable(alerts),
        incidents: HashMap.empty(),
        frozen: HashMap.empty(),
        escalations: HashMap.empty(),
        channels: HashMap.empty(),
        maintenance: HashMap.empty(),
        bypasses: HashMap.empty(),
        gapReports: [],
        consoles: [],
        shift: emptyShift,
        inner: emptyInner
      }),
      status: () => ({
        accepting: !refusing,
        queued: 0,
        counts: { facts: entries.length, duplicates: 0, batches: 0, refused: 0 }
      })
    },
    alerts: {
      list: (query) =>
        Effect.sync(() =>
          [...alerts.values()]
            .filter((alert) => query.closed === undefined || alert.closed === query.closed)
            .filter((alert) => query.door === undefined || alert.door === query.door)
            .filter((alert) => query.before === undefined || alert.raisedBy < query.before)
            .toSorted((a, b) => b.raisedBy - a.raisedBy)
            .slice(0, query.limit)
        ),
      one,
      acknowledge: (id, by) =>
        change(id, (alert) => ({ ...alert, acknowledged: true, acknowledgedBy: by, acknowledgedAt: noon + 1 })),
      acknowledgeForced: (id, by) => change(id, (alert) => ({ ...alert, acknowledged: true, acknowledgedBy: by })),
      acknowledgeSeveral: (ids, by) =>
        Effect.forEach(ids, (id) => change(id, (alert) => ({ ...alert, acknowledged: true, acknowledgedBy: by }))).pipe(
          Effect.map((acknowledged) => ({ acknowledged, refused: [] }))
        ),
      undoAcknowledgement: (id) =>
        Effect.gen(function* () {
          const { acknowledged } = yield* one(id)
          if (!acknowledged) return yield* new NotUndone({ id, why: "it is not acknowledged" })
          return yield* change(id, ({ acknowledgedBy: _by, ...alert }) => ({ ...alert, acknowledged: false }))
        }),
      claim: (id, by) => change(id, (alert) => ({ ...alert, claimed: { by, at: noon } })),
      release: (id) => change(id, ({ claimed: _claimed, ...alert }) => alert),
      releaseForced: (id) => change(id, ({ claimed: _claimed, ...alert }) => alert),
      close: (id, by, outcome) =>
        change(id, (alert) => ({ ...alert, closed: true, closedBy: by, closedAt: noon + 2, outcome })),
      note: (id) => change(id, (alert) => ({ ...alert, updatedAt: noon + 3 })),
      shelve: (id, by, time, reason) => {
        const until = noon + ("minutes" in time ? time.minutes : 60) * 60_000
        return change(id, (alert) => ({ ...alert, shelved: { by, at: noon, reason, until, meanwhile: 0 } }))
      },
      unshelve: (id) => change(id, ({ shelved: _shelved, ...alert }) => alert),
      explain: (id) => Effect.map(one(id), (alert) => ({ alert, reasons: alert.why, timeline: entries.slice(0, 2) }))
    },
    commands: {
      send: ({ door }) => Effect.fail(new UnknownDoor({ door })),
      latest: () => Effect.succeed([]),
      choices: () => ({ commands: [], why: "it has no mode point and no lock point" })
    },
    areas: {
      override: ({ area }) => Effect.fail(new UnknownArea({ area })),
      endOverride: (area) => Effect.fail(new AreaNotOverridden({ area })),
      setThreatLevel: ({ level }) => Effect.fail(new UnknownThreatLevel({ level, known: ["normal", "high"] }))
    },
    explanations: { ask: () => Effect.die(new Error("this double explains nothing")) },
    outbox: () => ({ lookedMsAgo: 0, owed: 0 }),
    channels: { settings: () => [], dataDir: "nowhere" },
    push: {
      key: Effect.fail(new PushRefused({ status: 404, why: "no channel of kind web-push is configured" })),
      of: () => [],
      register: () => Effect.fail(new PushRefused({ status: 404, why: "no channel of kind web-push is configured" })),
      unregister: () => Effect.fail(new PushRefused({ status: 404, why: "you have no such device" }))
    },
    inbound: {
      take: ({ source }) => Effect.fail(new InboundRefused({ status: 404, why: `there is no source "${source}"` })),
      heard: () => Effect.die(new Error("this double has no modem")),
      received: () => Effect.fail(new InboundRefused({ status: 403, why: "the receipt's proof is wrong" }))
    },
    links: {
      states: () => new Map([["mqtt", { _tag: "Offline", reason: "connection refused" }]]),
      counts: () => new Map([["mqtt", { messages: 7 }]]),
      granted: () => new Map()
    },
    gaps: {
      list: () =>
        gapsOf({
          at: noon,
          situation: faces.intake.situation(),
          links: [],
          warnings: [],
          registered: new Set(),
          store: faces.intake.status()
        }),
      reports: () => [],
      report: (date) => Effect.fail(new NoReport({ date })),
      begin: (about) => Effect.fail(new NothingToService({ what: serviceKeyOf(about) })),
      end: (about) => Effect.fail(new NotOutOfService({ what: serviceKeyOf(about), state: "in maintenance" })),
      bypass: (point) => Effect.fail(new NothingToService({ what: point })),
      endBypass: (point) => Effect.fail(new NotOutOfService({ what: point, state: "bypassed" }))
    },
    notifier: { test: (channel) => Effect.fail(new UnknownChannel({ channel })) },
    procedures: { say: (id) => Effect.fail(new UnknownAlert({ id })) },
    incidents: noIncidents,
    configuration: { reload: () => Effect.fail(new NoConfigurationFile()) },
    replays: {
      start: ({ by }) => Effect.fail(new ReplayRunning({ id: "R-1", by })),
      all: () => [],
      one: (id) => Effect.fail(new UnknownReplay({ id })),
      cancel: (id) => Effect.fail(new UnknownReplay({ id }))
    },
    evidence: {
      read: (hash) => Effect.sync(() => pictures.get(hash)),
      counts: () => ({
        stills: 3,
        stillBytes: 900,
        stillBytesMax: 1000,
        evicted: 1,
        polls: 9,
        pollsFailed: 2,
        kept: 4,
        missing: 1,
        expired: 0
      })
    }
  }
  return {
    faces,
    entries,
    alerts,
    pictures,
    commit,
    listeners,
    refuse: (yes: boolean) => {
      refusing = yes
    },
    raise: (alert: Alert) => alerts.set(alert.id, alert)
  }
}

interface Init extends RequestInit {
  readonly headers?: Record<string, string>
}

/** Starts the HTTP face on a free port over a fresh data directory; `real` are faces that are no doubles. */
export const startApi = async (options: Partial<HttpOptions> = {}, real: Partial<Faces> = {}) => {
  const gateway = memoryGateway()
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "gatehouse-api-"))
  const scope = Scope.makeUnsafe()
  const listening = await Effect.runPromise(
    serve({ ...gateway.faces, ...real }, { port: 0, dataDir, consoleDir: join(dataDir, "console"), ...options }).pipe(
      Scope.provide(scope),
      Effect.provide(Logger.layer([]))
    )
  )
  const origin = `http://127.0.0.1:${listening.port}`
  const token = listening.firstToken ?? ""
  const call = (path: string, init: Init = {}): Promise<Response> =>
    fetch(`${origin}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } })
  return {
    gateway,
    origin,
    token,
    dataDir,
    call,
    get: (path: string) => call(`/api/v1${path}`),
    post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      call(`/api/v1${path}`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers }
      }),
    stop: async () => {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      rmSync(dataDir, { recursive: true, force: true })
    }
  }
}

export type RunningApi = Awaited<ReturnType<typeof startApi>>
