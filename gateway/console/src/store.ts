import { api, Refused } from "./api.ts"
import { changesGaps, gapsDueInMs } from "./gap-news.ts"
import type { Incident } from "./incident-wire.ts"
import { peopleApi } from "./people-api.ts"
import type { LastSeen } from "./last-seen.ts"
import { followStream } from "./stream.ts"
import type {
  Alert,
  AlertChange,
  Area,
  Campus,
  Device,
  Door,
  Entry,
  Flood,
  Gap,
  Happening,
  Link,
  ThreatLevel
} from "./wire.ts"

/** A flood of alerts is drawn at most this often. */
const entryBatchMs = 40

/** Facts that change what the boards show, beside every event. */
const boardFacts: ReadonlySet<string> = new Set([
  "LinkChanged",
  "DoorCommanded",
  "DoorCommandAnswered",
  "ThreatLevelSet",
  "AlarmSilenced",
  "ConsoleUnwatched",
  "ConsoleWatched",
  "MaintenanceBegan",
  "MaintenanceEnded",
  "PointBypassed",
  "BypassEnded",
  "AreaArmingOverridden",
  "AreaArmingOverrideEnded",
  "ConfigRefused"
])

/** Facts that change who works, or who comes in and how. */
const peopleFacts: ReadonlySet<string> = new Set([
  "ShiftBegan",
  "ShiftEnded",
  "ShiftNoted",
  "HandedOver",
  "HandOverSigned",
  "PersonInvited",
  "PasswordSet",
  "SignedIn",
  "SignedOut",
  "TokenMade",
  "TokenRevoked",
  "ConfigApplied"
])

/** A new alert, or one that asks anew, and aloud: as the gateway counts a flood. */
const floodGrows = ({ transition, alert }: AlertChange): boolean =>
  (transition === "raised" || transition === "reactivated") &&
  alert.shelved === undefined &&
  alert.outOfService === undefined

/** Everything the console shows. A new object for every change. */
export interface ConsoleState {
  readonly live: "connecting" | "live" | "lost"
  /** Gateway time of the last sign of life, epoch ms; shown with NOT LIVE. */
  readonly heardAt: number | undefined
  /** Gateway clock minus this computer's, so that ages are right on a computer whose clock is not. */
  readonly clockOffsetMs: number
  readonly accepting: boolean
  readonly campus: Campus | undefined
  readonly alerts: ReadonlyMap<string, Alert>
  /** More alerts are open than could be loaded. */
  readonly more: boolean
  readonly loaded: boolean
  /** Absent while alerts come no faster than people can look at them. */
  readonly flood: Flood | undefined
  readonly doors: ReadonlyArray<Door>
  readonly devices: ReadonlyArray<Device>
  readonly links: ReadonlyArray<Link>
  readonly areas: ReadonlyArray<Area>
  readonly threat: ThreatLevel | undefined
  /** What is not protected right now, worst first. */
  readonly gaps: ReadonlyArray<Gap>
  /** How many there are: of very many the worst are shown. */
  readonly gapsTotal: number
  /** The newest critical alert and the newest other one that came while we watched: for screen readers. */
  readonly urgentNews: Alert | undefined
  readonly otherNews: Alert | undefined
  /** The case that something was done to last. */
  readonly caseNews: Incident | undefined
  /** Counts what happened among people: pages that show them load anew when it changes. */
  readonly peopleNews: number
  readonly trouble: string | undefined
  readonly signedOut: boolean
}

const atFirst: ConsoleState = {
  live: "connecting",
  heardAt: undefined,
  clockOffsetMs: 0,
  accepting: true,
  campus: undefined,
  alerts: new Map(),
  more: false,
  loaded: false,
  flood: undefined,
  doors: [],
  devices: [],
  links: [],
  areas: [],
  threat: undefined,
  gaps: [],
  gapsTotal: 0,
  urgentNews: undefined,
  otherNews: undefined,
  caseNews: undefined,
  peopleNews: 0,
  trouble: undefined,
  signedOut: false
}

/** The console's one store: subscribe and snapshot as React's useSyncExternalStore wants them. */
export interface ConsoleStore {
  readonly subscribe: (changed: () => void) => () => void
  readonly snapshot: () => ConsoleState
  readonly reload: () => Promise<void>
  /** Hears every entry of the log from now on, as the stream tells it; the answer ends that. */
  readonly follow: (listener: (entry: Entry) => void) => () => void
  readonly clearTrouble: () => void
  readonly report: (problem: unknown) => void
  readonly stop: () => void
}

const withAlert = (alerts: ReadonlyMap<string, Alert>, alert: Alert): ReadonlyMap<string, Alert> => {
  const next = new Map(alerts)
  const where = alert.where ?? alerts.get(alert.id)?.where
  if (alert.closed) next.delete(alert.id)
  else next.set(alert.id, where === undefined ? alert : { ...alert, where })
  return next
}

/** What was seen last, which is not live: nothing of it is known to hold any more. */
const asSeen = ({ at, campus, alerts, doors, areas }: LastSeen): ConsoleState => ({
  ...atFirst,
  live: "lost",
  heardAt: at,
  campus,
  alerts: new Map(alerts.map((alert) => [alert.id, alert])),
  doors,
  areas,
  loaded: true
})

/** Follows the gateway and keeps what the console shows, beginning with what was `seen` last. Lists are loaded anew whenever the stream opens. */
export const openConsole = (seen?: LastSeen): ConsoleStore => {
  let state = seen === undefined ? atFirst : asSeen(seen)
  const listeners = new Set<() => void>()
  const followers = new Set<(entry: Entry) => void>()
  let arrivedWhileLoading: Array<Alert> | undefined
  let boardTimer: ReturnType<typeof setTimeout> | undefined
  let gapsTimer: ReturnType<typeof setTimeout> | undefined
  let notifyTimer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  const notify = (): void => {
    clearTimeout(notifyTimer)
    notifyTimer = undefined
    for (const changed of listeners) changed()
  }
  const set = (change: Partial<ConsoleState>): void => {
    state = { ...state, ...change }
    notify()
  }
  const report = (problem: unknown): void => {
    if (problem instanceof Refused && problem.status === 401) return set({ signedOut: true })
    set({ trouble: problem instanceof Error ? problem.message : String(problem) })
  }
  /** What ends by the clock leaves when its time has come. While nothing is live, all is loaded anew once it is. */
  const gapsAgain = (): void => {
    clearTimeout(gapsTimer)
    if (stopped) return
    gapsTimer = setTimeout(
      () => {
        if (state.live === "live") loadGaps().catch(report).finally(gapsAgain)
        else gapsAgain()
      },
      gapsDueInMs(state.gaps, Date.now() + state.clockOffsetMs)
    )
  }
  const loadGaps = async (): Promise<void> => {
    const { items, total } = await api.gaps()
    set({ gaps: items, gapsTotal: total })
  }
  const loadBoard = async (): Promise<void> => {
    const [doors, devices, links, areas, threat] = await Promise.all([
      api.doors(),
      api.devices(),
      api.links(),
      api.areas(),
      api.threatLevel(),
      loadGaps()
    ])
    set({ doors: doors.items, devices: devices.items, links: links.items, areas: areas.items, threat })
    gapsAgain()
  }
  const reload = async (): Promise<void> => {
    const arrived: Array<Alert> = []
    arrivedWhileLoading = arrived
    try {
      const [campus, page, { flood }] = await Promise.all([api.campus(), api.openAlerts(), api.flood(), loadBoard()])
      let alerts: ReadonlyMap<string, Alert> = new Map(page.items.map((alert) => [alert.id, alert]))
      for (const alert of arrived) alerts = withAlert(alerts, alert)
      set({
        campus: campus ?? undefined,
        flood: flood ?? undefined,
        alerts,
        more: page.next !== undefined && page.next !== null,
        loaded: true,
        trouble: undefined
      })
    } catch (problem) {
      report(problem)
    } finally {
      if (arrivedWhileLoading === arrived) arrivedWhileLoading = undefined
    }
  }
  /** One load for a burst of door and device events. */
  const boardSoon = (): void => {
    boardTimer ??= setTimeout(() => {
      boardTimer = undefined
      loadBoard().catch(report)
    }, 300)
  }
  const takeFlood = ({ _tag, at, count }: Happening): void => {
    if (_tag === "FloodBegan") set({ flood: { since: at ?? new Date(0).toISOString(), count: Number(count) } })
    if (_tag === "FloodEnded") set({ flood: undefined })
  }
  const takeEntry = (entry: Entry): void => {
    for (const follower of followers) follower(entry)
    if (entry._tag === "Incident") {
      // A case may be overdue, and an act for it no longer.
      boardSoon()
      return set({ caseNews: entry.change.incident })
    }
    if (entry._tag !== "Alert") {
      const fact = entry._tag === "Fact" ? entry.fact._tag : ""
      if (entry._tag === "Event") takeFlood(entry.event)
      if (peopleFacts.has(fact)) set({ peopleNews: state.peopleNews + 1 })
      if (fact === "ConfigApplied") void reload()
      else if ("event" in entry || boardFacts.has(fact)) boardSoon()
      return
    }
    const { alert, transition } = entry.change
    arrivedWhileLoading?.push(alert)
    if (changesGaps(transition)) boardSoon()
    const isBack = transition === "unshelved" && alert.active
    const news = transition === "raised" || transition === "reactivated" || isBack
    const spoken = !news ? {} : alert.priority === 1 ? { urgentNews: alert } : { otherNews: alert }
    const { flood } = state
    const counted =
      flood === undefined || !floodGrows(entry.change) ? {} : { flood: { ...flood, count: flood.count + 1 } }
    state = { ...state, alerts: withAlert(state.alerts, alert), ...spoken, ...counted }
    notifyTimer ??= setTimeout(notify, entryBatchMs)
  }
  const end = followStream({
    opened: () => {
      set({ live: "live", heardAt: Date.now() + state.clockOffsetMs })
      void reload()
    },
    lost: () => {
      if (state.live !== "lost") set({ live: "lost" })
      peopleApi.session().catch((problem: unknown) => {
        if (problem instanceof Refused && problem.status === 401) set({ signedOut: true })
      })
    },
    entry: takeEntry,
    heartbeat: (heartbeat) => {
      const at = Date.parse(heartbeat.at)
      // A log that keeps nothing cannot tell that it does not.
      if (heartbeat.accepting !== state.accepting) boardSoon()
      set({ live: "live", heardAt: at, clockOffsetMs: at - Date.now(), accepting: heartbeat.accepting })
    }
  })
  return {
    subscribe: (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    snapshot: () => state,
    follow: (listener) => {
      followers.add(listener)
      return () => void followers.delete(listener)
    },
    reload,
    clearTrouble: () => set({ trouble: undefined }),
    report,
    stop: () => {
      stopped = true
      clearTimeout(boardTimer)
      clearTimeout(gapsTimer)
      clearTimeout(notifyTimer)
      end()
    }
  }
}
